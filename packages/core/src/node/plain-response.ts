import { OutgoingMessage } from 'node:http'
import { Socket } from 'node:net'

/**
 * Whether what is written goes to the system, and to nobody else before. A connection of another kind, such as a tunnel or a
 * pair of streams that a server was given, may hand the very memory on.
 */
export function isPlainResponse(stream: unknown): stream is OutgoingMessage {
  return (
    stream instanceof OutgoingMessage &&
    stream.write === OutgoingMessage.prototype.write &&
    stream.end === OutgoingMessage.prototype.end &&
    stream.socket?.write === Socket.prototype.write &&
    stream.socket._write === Socket.prototype._write &&
    stream.socket._writev === Socket.prototype._writev
  )
}
