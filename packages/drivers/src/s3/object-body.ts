import { Readable } from 'node:stream'
import { type Bytes, LatchkeyError } from '@latchkey/core'
import { storeError } from './store-errors.js'

const END: IteratorResult<Uint8Array> = { done: true, value: undefined }

/**
 * The bytes of an answer, as many as were announced. Its iterator is written by hand: that of a stream, when returned
 * before its first step, leaves the stream open and with it a socket of the client.
 */
export class ObjectBody implements Bytes, AsyncIterator<Uint8Array> {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #patienceMs: number
  #left: number
  #over = false

  constructor(body: unknown, size: number, patienceMs: number) {
    if (!(body instanceof Readable)) throw new LatchkeyError('storage_unavailable', 'The store sent no body')
    this.#stream = body
    // It may fail while nobody waits for a chunk; the next step tells.
    body.on('error', () => {})
    this.#chunks = body[Symbol.asyncIterator]()
    this.#left = size
    this.#patienceMs = patienceMs
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#over) return END
    const timer = setTimeout(() => this.#stream.destroy(silent(this.#patienceMs)), this.#patienceMs)
    try {
      const result = await this.#chunks.next()
      if (this.#over) return END
      if (result.done !== true) this.#left -= result.value.byteLength
      // A connection may end early without an error.
      if (this.#left < 0 || (result.done === true && this.#left > 0)) throw cut(this.#left)
      if (result.done === true) this.#over = true
      return result
    } catch (error) {
      if (this.#over) return END
      this.#end()
      throw storeError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#end()
    return END
  }

  #end(): void {
    this.#over = true
    this.#stream.destroy()
  }
}

function silent(patienceMs: number): LatchkeyError {
  return new LatchkeyError(
    'storage_unavailable',
    `The store has sent no byte for ${patienceMs / 1000} seconds`,
  )
}

function cut(left: number): LatchkeyError {
  const what = left < 0 ? 'sent more bytes than it announced' : `cut the object short by ${left} bytes`
  return new LatchkeyError('storage_unavailable', `The store ${what}`)
}
