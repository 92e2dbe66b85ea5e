import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { gateRequest } from '../src/node/index.js'

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
    const server = createServer((incoming, response) => {
      read(incoming)
        .then(resolve, reject)
        .finally(() => response.end())
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const outgoing = request({ port, method: 'PUT', agent: false }, (reply) => reply.resume())
      outgoing.on('error', () => {})
      send(outgoing)
    })
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
  })
}
