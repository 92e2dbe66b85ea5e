import { EventEmitter } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'

/**
 * Whether what a request yields comes from the HTTP parser, and from nobody else before. A request that a test or an
 * adapter for functions in the cloud makes up has its body from there; instrumentation may listen by a method of its own.
 */
export function isPlainRequest(incoming: IncomingMessage): boolean {
  const { socket } = incoming
  return (
    incoming instanceof IncomingMessage &&
    socket instanceof Socket &&
    socket.bytesRead > 0 &&
    incoming.push === Readable.prototype.push &&
    incoming.unshift === Readable.prototype.unshift &&
    incoming.read === Readable.prototype.read &&
    incoming.on === Readable.prototype.on &&
    incoming.addListener === Readable.prototype.addListener &&
    incoming.emit === EventEmitter.prototype.emit
  )
}
