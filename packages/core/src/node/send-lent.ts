import type { OutgoingMessage } from 'node:http'
import type { SharedBytes } from '../contracts/shared-bytes.js'
import { writeTaken } from './write-taken.js'

/** Writes shared bytes to a plain response, without a copy; their memory is given back when the system has them. */
export function sendLent(
  bytes: SharedBytes,
  response: OutgoingMessage,
  options: { end?: boolean } = {},
): void {
  const ends = options.end !== false
  if (!bytes.isReusable) {
    if (ends) response.end(bytes.lend())
    else response.write(bytes.lend())
    return
  }
  writeTaken(response, bytes.lend(), () => bytes.release())
  if (ends) response.end()
}
