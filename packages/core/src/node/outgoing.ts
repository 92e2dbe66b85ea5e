import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { Bytes } from '../contracts/bytes.js'
import type { GateReply } from '../contracts/gate.js'
import { isInMemory, SharedBytes } from '../contracts/shared-bytes.js'
import { BodyStream } from './body-stream.js'
import { isPlainResponse } from './plain-response.js'
import { sendLent } from './send-lent.js'
import { SharedStream } from './shared-stream.js'

// About where a stream costs less than a copy.
const BUFFER_BYTES = 16 * 1024

/**
 * A reply's body as a Node framework takes it: a string, a Buffer that is the caller's own, a stream, or nothing. Bytes in
 * memory come as a stream, too, where there are more than 16 KiB of them, whether others read the same memory or not.
 */
export function nodeBody(body: GateReply['body']): string | Buffer | Readable | null {
  if (body === null || typeof body === 'string') return body
  if (!isInMemory(body) || body.byteLength > BUFFER_BYTES) return nodeStream(body)
  return bufferOf(body instanceof SharedBytes ? body.copy() : body)
}

/** A body as a Node stream. Into a plain response it goes without a copy, and its memory is used again. */
export function nodeStream(body: Bytes | Uint8Array): Readable {
  if (body instanceof Readable) return body
  if (body instanceof Uint8Array) return new SharedStream(new SharedBytes(body))
  return body instanceof SharedBytes ? new SharedStream(body) : new BodyStream(body)
}

/** A Buffer over the same memory. */
function bufferOf({ buffer, byteLength, byteOffset }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
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
  const { body } = reply
  if (body === null) outgoing.end()
  else if (typeof body === 'string') outgoing.end(body)
  else if (body instanceof Uint8Array) outgoing.end(bufferOf(body))
  else if (body instanceof SharedBytes) sendShared(body, outgoing)
  // Nobody is there any more. A pipeline would throw, and leave what the body holds open.
  else if (outgoing.destroyed) nodeStream(body).destroy()
  else if (body instanceof Readable) pipeline(body, outgoing, ignore)
  else sendOn(nodeStream(body), outgoing)
}

function sendShared(body: SharedBytes, outgoing: ServerResponse): void {
  const isPlain: boolean = isPlainResponse(outgoing)
  if (isPlain) sendLent(body, outgoing)
  else outgoing.end(body.copy())
}

/**
 * As `pipeline`, but without an AbortController for each response and the error by which it is aborted at the end. For our
 * own streams alone, which tell of their close in every case. A failure after the headers destroys the response, so that a
 * cut body cannot be taken for a whole one.
 */
function sendOn(body: Readable, outgoing: ServerResponse): void {
  body.on('error', ignore).once('close', () => {
    if (!body.readableEnded) outgoing.destroy()
  })
  outgoing.on('error', ignore).once('close', () => body.destroy())
  body.pipe(outgoing)
}

function ignore(): void {}
