import { type Bytes, RELEASE } from '../contracts/bytes.js'
import { LatchkeyError } from '../token/index.js'
import type { DigestCheck } from './content-digest.js'

const DONE = { done: true, value: undefined } as const

/** What a body must keep to. */
export interface BodyLimits {
  /** Bytes; one more is `too_large`. */
  readonly maxSize: number
  /** Bytes announced by `Content-Length`; fewer or more is `length_mismatch`. */
  readonly announced: number | undefined
  readonly digests: readonly DigestCheck[]
}

/** Who looks at an upload's bytes as they pass. */
export interface BodyWatcher {
  /** Takes the bytes in order, and keeps none of them. What it throws ends the upload. */
  readonly onBytes?: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  /** Awaited before the body ends. What it throws ends the upload. */
  onEnd(): Promise<void>
}

/**
 * Passes an upload on while it holds to its limits, and throws before the end where it does not, so that a driver
 * never sees the end of a body that must not be stored. Enforced on the bytes that flow, whatever was announced.
 */
export function meterBody(body: Bytes, limits: BodyLimits, watcher?: BodyWatcher): Bytes {
  const chunks = new MeteredChunks(body, limits, watcher)
  return {
    [Symbol.asyncIterator]: () => chunks,
    [RELEASE]: (chunk) => body[RELEASE]?.(chunk),
  }
}

/** By hand: a generator makes several promises more of each chunk. */
class MeteredChunks implements AsyncIterator<Uint8Array> {
  readonly #body: Bytes
  readonly #limits: BodyLimits
  readonly #watcher: BodyWatcher | undefined
  #source: AsyncIterator<Uint8Array> | undefined
  #size = 0
  #isOver = false

  constructor(body: Bytes, limits: BodyLimits, watcher: BodyWatcher | undefined) {
    this.#body = body
    this.#limits = limits
    this.#watcher = watcher
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return DONE
    let result: IteratorResult<Uint8Array>
    try {
      // Not before the first chunk is wanted: to begin may be to read.
      this.#source ??= this.#body[Symbol.asyncIterator]()
      result = await this.#source.next()
    } catch (cause) {
      this.#isOver = true
      throw new LatchkeyError('length_mismatch', 'the upload broke off before its end', { cause })
    }
    if (result.done === true) return this.#end()
    try {
      this.#count(result.value)
      const judging = this.#watcher?.onBytes?.(result.value)
      if (judging !== undefined) await judging
      return result
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isOver) {
      this.#isOver = true
      await this.#source?.return?.()
    }
    return DONE
  }

  #count(chunk: Uint8Array): void {
    const { announced, digests, maxSize } = this.#limits
    this.#size += chunk.byteLength
    if (this.#size > maxSize)
      throw new LatchkeyError('too_large', `the body passes the limit of ${maxSize} bytes`)
    if (announced !== undefined && this.#size > announced) throw lengthMismatch(this.#size, announced)
    for (const digest of digests) digest.update(chunk)
  }

  async #end(): Promise<IteratorResult<Uint8Array>> {
    this.#isOver = true
    const { announced, digests } = this.#limits
    if (announced !== undefined && this.#size !== announced) throw lengthMismatch(this.#size, announced)
    for (const digest of digests) digest.finish()
    await this.#watcher?.onEnd()
    return DONE
  }
}

function lengthMismatch(size: number, announced: number): LatchkeyError {
  return new LatchkeyError('length_mismatch', `${announced} bytes were announced, ${size} came`)
}
