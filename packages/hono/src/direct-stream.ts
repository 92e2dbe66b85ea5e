import type { ServerResponse } from 'node:http'
import { finished, type Readable } from 'node:stream'
import { type Bytes, SharedBytes } from '@latchkey/core'
import { nodeStream } from '@latchkey/core/node'
import { readableStream } from './web-body.js'

/**
 * A Web stream that is one to everybody but the server: that asks for a reader when it has sent the headers, and is then told
 * that there is nothing left, as the body goes to Node's response by itself. Pipes, tees and copies of a response have no
 * need of a reader, and middleware that asks for one does so before the headers are out.
 *
 * @param onBroken called when the body throws
 */
export function directStream(
  body: Bytes | Uint8Array,
  outgoing: ServerResponse,
  onBroken: () => void,
): ReadableStream<Uint8Array> {
  const stream = readableStream(body instanceof Uint8Array ? new SharedBytes(body) : body, onBroken)
  const getReader = stream.getReader.bind(stream)
  let isTaken = false
  Object.defineProperty(stream, 'getReader', {
    value(options?: { mode: 'byob' }) {
      if (isTaken) throw new TypeError('The body is being sent')
      if (options !== undefined || stream.locked || !outgoing.headersSent) return getReader(options as never)
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
