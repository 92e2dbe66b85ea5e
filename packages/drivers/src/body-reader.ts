import { type Bytes, RELEASE } from '@latchkey/core'
import { tooLarge } from './upload-errors.js'

/**
 * Takes a body chunk by chunk and can be stopped while it waits for one: by the caller's signal, or by `fail` when
 * the storage fails in the meantime. What the body throws comes out unchanged.
 */
export class BodyReader {
  readonly #body: Bytes
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal | undefined
  #resolveNext: ((chunk: Uint8Array | null) => void) | undefined
  #rejectNext: ((reason: unknown) => void) | undefined
  #failure: { readonly reason: unknown } | undefined
  #ended = false
  #bytesLeft: number

  constructor(body: Bytes, signal: AbortSignal | undefined, maxBytes = Number.POSITIVE_INFINITY) {
    this.#bytesLeft = maxBytes
    this.#body = body
    this.#iterator = body[Symbol.asyncIterator]()
    this.#signal = signal
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The next chunk, never an empty one; `null` at the end. */
  next(): Promise<Uint8Array | null> {
    // One promise per chunk rather than Promise.race: a race against a promise that outlives it keeps a reaction
    // for every chunk of the upload.
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.reason)
        return
      }
      this.#resolveNext = resolve
      this.#rejectNext = reject
      this.#ask()
    })
  }

  /** Gives the memory of a chunk back: its bytes are stored or copied. */
  [RELEASE](chunk: Uint8Array): void {
    this.#body[RELEASE]?.(chunk)
  }

  /** Makes the pending and every later `next` throw `reason`. The first reason wins. */
  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#rejectNext?.(this.#failure.reason)
  }

  /** Throws where the body was stopped; for the moment between its end and the publish. */
  assertNotStopped(): void {
    if (this.#failure) throw this.#failure.reason
  }

  /** Lets go of the signal, and of a body that has not ended. */
  release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    if (this.#ended) return
    this.#ended = true
    // Not awaited: a generator that waits for bytes that never come would hold the failed write with it.
    try {
      this.#iterator.return?.()?.then(undefined, () => {})
    } catch {}
  }

  readonly #onAbort = (): void => {
    this.fail(this.#signal?.reason)
  }

  #ask(): void {
    try {
      Promise.resolve(this.#iterator.next()).then(this.#take, this.#breakOff)
    } catch (reason) {
      this.#breakOff(reason)
    }
  }

  readonly #take = (result: IteratorResult<Uint8Array>): void => {
    if (this.#failure) return
    if (result.done) {
      this.#ended = true
      this.#resolveNext?.(null)
      return
    }
    const chunk = result.value
    // A string would have its UTF-16 length counted; what is no byte array is the body's defect.
    if (!ArrayBuffer.isView(chunk)) {
      this.#rejectNext?.(new TypeError('A body must yield Uint8Array chunks'))
      return
    }
    this.#bytesLeft -= chunk.byteLength
    if (this.#bytesLeft < 0) this.#rejectNext?.(tooLarge())
    else if (chunk.byteLength > 0) this.#resolveNext?.(chunk)
    else this.#ask()
  }

  readonly #breakOff = (reason: unknown): void => {
    this.#ended = true
    this.#rejectNext?.(reason)
  }
}
