import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** Has a server answer every request so; gives its port. */
export async function serverThat(
  answer: (response: ServerResponse, incoming: IncomingMessage) => void,
): Promise<number> {
  const server = createServer((incoming, response) => answer(response, incoming)).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

/** Its answer, of which nothing is read yet. */
export function replyFrom(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ port, agent: false }, resolve).once('error', reject).end()
  })
}

/** The body of its answer. */
export async function get(port: number): Promise<Buffer> {
  return buffer(await replyFrom(port))
}
