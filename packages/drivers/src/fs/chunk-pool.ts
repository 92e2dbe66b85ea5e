import { RELEASE, type ReusableChunk } from '@latchkey/core'

/**
 * Memory for chunks of one length. New memory costs a large download more than the reading does: the system hands it out
 * page by page, each cleared first.
 */
export class ChunkPool {
  /** Bytes of a chunk, at most. */
  readonly length: number
  readonly #mostIdle: number
  readonly #idle: ArrayBuffer[] = []

  /**
   * @param length bytes of a chunk
   * @param mostIdle how many that are not in use are kept
   */
  constructor(length: number, mostIdle: number) {
    this.length = length
    this.#mostIdle = mostIdle
  }

  /** A chunk of `length` bytes, at most those of the pool, with anything in it. Nobody else has it until it is released. */
  take(length: number): ReusableChunk & Buffer {
    const memory = this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.length).buffer
    const chunk: ReusableChunk & Buffer = Buffer.from(memory, 0, length)
    let released = false
    chunk[RELEASE] = () => {
      // Twice in the pool, the same memory would hold the bytes of two downloads.
      if (released) return
      released = true
      if (this.#idle.length < this.#mostIdle) this.#idle.push(memory)
    }
    return chunk
  }
}
