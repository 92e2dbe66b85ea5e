import type { Bytes } from './bytes.js'

/**
 * Bytes in memory that others read, too, such as those of a cache, or will write into, such as memory that is used again. To
 * whoever goes through them they are a body of one chunk, a copy that is theirs alone; only who asks for the memory itself
 * gets it.
 */
export class SharedBytes implements Bytes {
  readonly byteLength: number
  /** Whether somebody waits for the memory to be given back. */
  readonly isReusable: boolean
  #bytes: Uint8Array | undefined
  readonly #onRelease: (() => void) | undefined

  /**
   * @param bytes of which nothing changes any more, or not before they are released
   * @param onRelease called once, when nobody will look at the memory any more: from then on it may hold anything
   */
  constructor(bytes: Uint8Array, onRelease?: () => void) {
    this.byteLength = bytes.byteLength
    this.isReusable = onRelease !== undefined
    this.#bytes = bytes
    this.#onRelease = onRelease
  }

  /** The bytes as the caller's own. */
  copy(): Uint8Array {
    return Buffer.from(this.#memory())
  }

  /**
   * The memory itself, for whoever hands it to the system and to nobody else: who writes into it changes what others are
   * sent. A copy of a larger object costs as much as all the rest of its download.
   */
  lend(): Uint8Array {
    return this.#memory()
  }

  /**
   * Gives the memory back to where it came from. Only whoever it was lent to may call it, once the system has the bytes and
   * nobody will ask for them again: what asks afterwards throws. Does nothing where nobody waits for it, or a second time.
   */
  release(): void {
    if (this.#onRelease === undefined || this.#bytes === undefined) return
    this.#bytes = undefined
    this.#onRelease()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.byteLength > 0) yield this.copy()
  }

  #memory(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('The bytes were released: they may be those of another')
    return this.#bytes
  }
}

/** Whether a body is there as a whole, and nobody has to wait for it. */
export function isInMemory(body: Bytes | Uint8Array): body is Uint8Array | SharedBytes {
  return body instanceof Uint8Array || body instanceof SharedBytes
}
