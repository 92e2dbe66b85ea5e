import type { ServerResponse } from 'node:http'
import { finished, type Readable } from 'node:stream'
import type { Bytes } from '@latchkey/core'
import { nodeStream } from '@latchkey/core/node'
import { readableStream } from './web-body.js'

/**
 * A Web stream that is one to everybody but the server: that asks for a reader when it has sent the headers, and is then told
 * that there is nothing left, as the body goes to Node's response by itself. Pipes, tees and copies of a response have no
 * need of a reader. Middleware that asks for one does so before the headers are out, or, where it wraps the body in a stream
 * that begins when it is read, after the server has come to listen for the end of the connection, as it does for each
 * stream that it has a reader of and not for one that it has none of yet.
 *
 * @param onBroken called when the body throws
 */
export function directStream(
  body: Bytes,
  outgoing: ServerResponse,
  onBroken: () => void,
): ReadableStream<Uint8Array> {
  const stream = readableStream(body, onBroken)
  const getReader = stream.getReader.bind(stream)
  const listeners = outgoing.listenerCount('close')
  const isServer = () => outgoing.headersSent && outgoing.listenerCount('close') === listeners
  let isTaken = false
  Object.defineProperty(stream, 'getReader', {
    value(options?: { mode: 'byob' }) {
      if (isTaken) throw new TypeError('The body is being sent')
      if (options !== undefined || stream.locked || !isServer()) return getReader(options as never)
      isTaken = true
      return new DirectReader(nodeStream(body), outgoing, onBroken)
    },
  })
  return stream
}

/** A reader that sends the body when it is asked for the first chunk, and has none. */
class DirectReader {
  readonly closed: Promise<undefined>
  readonly #body: Readable
  readonly #outgoing: ServerResponse
  readonly #sent: Promise<undefined>

  constructor(body: Readable, outgoing: ServerResponse, onBroken: () => void) {
    this.#body = body
    this.#outgoing = outgoing
    this.#sent = new Promise((resolve, reject) => {
      finished(body, { writable: false }, (error) => {
        if (error == null) return resolve(undefined)
        onBroken()
        reject(error)
      })
    })
    // What went wrong is told to whoever reads.
    this.closed = this.#sent.catch(() => undefined)
  }

  async read(): Promise<{ done: true; value: undefined }> {
    this.#body.pipe(this.#outgoing, { end: false })
    return { done: true, value: await this.#sent }
  }

  async cancel(): Promise<void> {
    this.#body.destroy()
  }
}
