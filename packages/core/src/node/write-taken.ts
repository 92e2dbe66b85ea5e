import type { OutgoingMessage } from 'node:http'

/**
 * Writes a chunk to a plain response, and tells when the system has its bytes; never where the connection broke.
 *
 * @returns whether more may be written at once
 */
export function writeTaken(response: OutgoingMessage, chunk: Uint8Array, onTaken: () => void): boolean {
  const { socket } = response
  return response.write(chunk, (error) => {
    // Of a connection that broke, Node says no error for what was on its way.
    if (!error && socket?.destroyed === false) onTaken()
  })
}
