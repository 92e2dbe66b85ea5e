import { RELEASE } from '@latchkey/core'
import type { BodyReader } from '../body-reader.js'

const FIRST_BYTES = 64 * 1024

/** Cuts a body into blocks, each a buffer of its own that may be sent twice. */
export class BlockSource {
  readonly #reader: BodyReader
  #rest: Uint8Array | null = null
  readonly #spares: Buffer[] = []
  #ended = false

  constructor(reader: BodyReader) {
    this.#reader = reader
  }

  /** Whether the body has no more bytes. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * The next `size` bytes, fewer at the end only.
   *
   * @param expected bytes that are likely to come; a small file shall not cost a large buffer
   */
  async next(size: number, expected = size): Promise<Buffer> {
    let buffer = this.#take(Math.max(1, Math.min(size, expected)))
    let filled = 0
    for (;;) {
      const chunk = this.#rest ?? (await this.#reader.next())
      this.#rest = null
      if (chunk === null) {
        this.#ended = true
        return buffer.subarray(0, filled)
      }
      const used = Math.min(chunk.byteLength, size - filled)
      while (filled + used > buffer.byteLength) buffer = grown(buffer, filled, size)
      buffer.set(chunk.subarray(0, used), filled)
      filled += used
      if (used < chunk.byteLength) this.#rest = chunk.subarray(used)
      else this.#reader[RELEASE](chunk)
      if (filled === size && this.#rest === null) this.#rest = await this.#peek()
      if (filled === size) return buffer.subarray(0, filled)
    }
  }

  /** Takes a buffer back that was sent: an upload of gigabytes then makes a few of them and no more. */
  recycle(buffer: Buffer): void {
    this.#spares.push(buffer)
  }

  async #peek(): Promise<Uint8Array | null> {
    const chunk = await this.#reader.next()
    if (chunk === null) this.#ended = true
    return chunk
  }

  #take(bytes: number): Buffer {
    // The first part, which began small, may have left a smaller one.
    const spare = this.#spares.pop()
    return spare !== undefined && spare.byteLength >= bytes ? spare : Buffer.allocUnsafeSlow(bytes)
  }
}

/** How much to expect of a body whose length nobody announced. */
export function expectedBytes(announced: number | undefined): number {
  return announced ?? FIRST_BYTES
}

function grown(buffer: Buffer, filled: number, most: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(most, buffer.byteLength * 2))
  buffer.copy(larger, 0, 0, filled)
  return larger
}
