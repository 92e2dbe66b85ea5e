import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { gateRequest } from '../src/node/index.js'
import { serverThat } from './answering-server.js'

export const SIZE = 1_000_000
export const BODY = Buffer.from(Array.from({ length: SIZE }, (_, at) => at % 251))

/** The body of a request as the core is given it. */
export const bodyOf = (incoming: IncomingMessage) => gateRequest(incoming, '/').body

/** Has a real server take a body by `read`. */
export async function received<T>(
  read: (incoming: IncomingMessage) => Promise<T>,
  send = (outgoing: ClientRequest): void => void outgoing.end(BODY),
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const listening = serverThat((response, incoming) => {
      read(incoming)
        .then(resolve, reject)
        .finally(() => response.end())
    })
    listening.then((port) => {
      const outgoing = request({ port, method: 'PUT', agent: false }, (reply) => reply.resume())
      outgoing.on('error', () => {})
      send(outgoing)
    }, reject)
  })
}
