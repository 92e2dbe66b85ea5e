import type { OutgoingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type Bytes, RELEASE, type ReusableChunk } from '../contracts/bytes.js'
import { isPlainResponse } from './plain-response.js'
import { writeTaken } from './write-taken.js'

/**
 * A body as a Node stream. Each chunk is asked for when the one before has gone on, so a download holds one at a time.
 *
 * Piped into an HTTP response it gives the memory of each chunk back when the system has taken the bytes. It does so only
 * where nobody looks on: what a transform, a listener or a hook in the response's `write` keeps of a chunk stays as it is.
 */
export class BodyStream extends Readable {
  readonly #iterator: AsyncIterator<Uint8Array>
  #onData: ((chunk: ReusableChunk) => void) | undefined
  #detach: (() => void) | undefined
  #response: unknown
  #isWatched = false

  constructor(bytes: Bytes) {
    super({ highWaterMark: 0 })
    this.#iterator = bytes[Symbol.asyncIterator]()
    // Also tells of a listener that hears of one chunk and is gone again. Who is told that it is readable reads it, too.
    this.on('newListener', (event, listener) => {
      if (event === 'readable' || (event === 'data' && listener !== this.#onData)) this.#isWatched = true
    })
  }

  override _read(): void {
    this.#iterator.next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error) => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const released = this.#iterator.return?.() ?? Promise.resolve()
    released.then(
      () => done(error),
      (failure) => done(error ?? failure),
    )
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const isPlain = this.#detach === undefined && isPlainResponse(destination)
    if (!isPlain) return super.pipe(destination, options)
    this.#attach(destination, options?.end !== false)
    return destination
  }

  override unpipe(destination?: NodeJS.WritableStream): this {
    if (destination === undefined || destination === this.#response) this.#detach?.()
    return super.unpipe(destination)
  }

  #attach(response: OutgoingMessage, ends: boolean): void {
    this.#onData = (chunk) => {
      // A hook may have come after the first chunk.
      if (!isPlainResponse(response)) this.#isWatched = true
      const goesOn = writeTaken(response, chunk, () => {
        if (!this.#isWatched) chunk[RELEASE]?.()
      })
      if (!goesOn) this.pause()
    }
    const goOn = () => this.resume()
    const end = () => response.end()
    const detach = () => {
      this.#detach = undefined
      this.pause()
      if (this.#onData !== undefined) this.off('data', this.#onData)
      this.off('end', end)
      response.off('drain', goOn).off('close', detach)
    }
    this.#detach = detach
    this.#response = response
    if (ends) this.once('end', end)
    response.on('drain', goOn).once('close', detach)
    response.emit('pipe', this)
    this.on('data', this.#onData)
  }
}
