import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a body is sent. */
export interface Pace {
  /** How many writes it goes out in; 1: together with the headers. */
  readonly pieces: number
  readonly pauseMs: number
}

/** Sends a file over a connection of its own. Gives the status, or 0 where the connection broke. */
export async function put(
  url: string,
  bytes: Uint8Array,
  { pieces, pauseMs }: Pace = { pieces: 1, pauseMs: 0 },
): Promise<number> {
  const outgoing = request(url, {
    method: 'PUT',
    agent: false,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) },
  })
  const answered = once(outgoing, 'response').then(
    ([reply]: IncomingMessage[]) => {
      reply?.resume()
      return reply?.statusCode ?? 0
    },
    () => 0,
  )
  outgoing.on('error', () => {})
  const length = Math.ceil(bytes.length / pieces)
  for (let first = 0; first + length < bytes.length && !outgoing.destroyed; first += length) {
    outgoing.write(bytes.subarray(first, first + length))
    await sleep(pauseMs)
  }
  outgoing.end(bytes.subarray(length * (pieces - 1)))
  return answered
}
