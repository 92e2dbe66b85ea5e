import type { Bytes } from './bytes.js'

/**
 * Bytes in memory that others read, too, such as those of a cache. To whoever goes through them they are a body of one chunk, a
 * copy that is theirs alone; only who asks for the memory itself gets it.
 */
export class SharedBytes implements Bytes {
  readonly #bytes: Uint8Array

  /** @param bytes of which nothing changes any more */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get byteLength(): number {
    return this.#bytes.byteLength
  }

  /** The bytes as the caller's own. */
  copy(): Uint8Array {
    return Buffer.from(this.#bytes)
  }

  /**
   * The memory itself, for whoever hands it to the system and to nobody else: who writes into it changes what others are
   * sent. A copy of a larger object costs as much as all the rest of its download.
   */
  lend(): Uint8Array {
    return this.#bytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.byteLength > 0) yield this.copy()
  }
}

/** Whether a body is there as a whole, and nobody has to wait for it. */
export function isInMemory(body: Bytes | Uint8Array): body is Uint8Array | SharedBytes {
  return body instanceof Uint8Array || body instanceof SharedBytes
}
