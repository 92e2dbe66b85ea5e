import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { Bytes } from '../contracts/bytes.js'
import type { GateReply } from '../contracts/gate.js'
import { BodyStream } from './body-stream.js'

/** A reply's body as a Node framework takes it: a string, a Buffer over the same memory, a stream, or nothing. */
export function nodeBody(body: GateReply['body']): string | Buffer | Readable | null {
  if (body === null || typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return readable(body)
}

function readable(bytes: Bytes): Readable {
  return bytes instanceof Readable ? bytes : new BodyStream(bytes)
}

/**
 * Hands each of the reply's headers to `write`, given what the app has set before: ours win, except that `Vary` is the
 * union of both, and that `Connection` is left out where the protocol forbids it.
 */
export function writeHeaders(
  { headers }: GateReply,
  incoming: IncomingMessage,
  varyBefore: unknown,
  write: (name: string, value: string) => unknown,
): void {
  for (const name in headers) {
    const value = headers[name] ?? ''
    if (name === 'vary') write(name, mergeVary(varyBefore, value))
    else if (name !== 'connection' || incoming.httpVersionMajor < 2) write(name, value)
  }
}

function mergeVary(before: unknown, ours: string): string {
  const first = Array.isArray(before) ? before.join(', ') : before
  return typeof first === 'string' && first !== '' ? `${first}, ${ours}` : ours
}

/** Writes a reply to a plain Node response. */
export function writeReply(reply: GateReply, incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.statusCode = reply.status
  writeHeaders(reply, incoming, outgoing.getHeader('vary'), (name, value) => outgoing.setHeader(name, value))
  const body = nodeBody(reply.body)
  if (!(body instanceof Readable)) {
    outgoing.end(body ?? undefined)
    return
  }
  // A failure after the headers destroys the response, so that a cut body cannot be taken for a whole one.
  pipeline(body, outgoing, () => {})
}
