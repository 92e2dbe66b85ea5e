import { RELEASE, type ReusableChunk } from '@latchkey/core'

/**
 * Memory for chunks, in pieces of one length, each of which can also be two chunks of half of it. New memory costs a large
 * download more than the reading does: the system hands it out page by page, each cleared first.
 */
export class ChunkPool {
  readonly #length: number
  readonly #mostIdle: number
  readonly #idle: ArrayBuffer[] = []
  /** Where the half begins that is idle, of pieces whose other half is in use. */
  readonly #idleHalves = new Map<ArrayBuffer, number>()

  /**
   * @param length bytes of a piece, an even number
   * @param mostIdle how many pieces that are not in use are kept
   */
  constructor(length: number, mostIdle: number) {
    this.#length = length
    this.#mostIdle = mostIdle
  }

  /** A chunk of `length` bytes, at most those of a piece, with anything in it. Nobody else has it until it is released. */
  take(length: number): ReusableChunk & Buffer {
    const isHalf = length <= this.#length / 2
    const [memory, offset] = (isHalf ? this.#takeHalf() : undefined) ?? [this.#takeWhole(isHalf), 0]
    const chunk: ReusableChunk & Buffer = Buffer.from(memory, offset, length)
    let released = false
    chunk[RELEASE] = () => {
      // Twice in the pool, the same memory would hold the bytes of two downloads.
      if (released) return
      released = true
      if (isHalf) this.#giveHalfBack(memory, offset)
      else this.#giveBack(memory)
    }
    return chunk
  }

  #takeHalf(): [ArrayBuffer, number] | undefined {
    const { value: half } = this.#idleHalves.entries().next()
    if (half !== undefined) this.#idleHalves.delete(half[0])
    return half
  }

  #takeWhole(isHalved: boolean): ArrayBuffer {
    const memory = this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#length).buffer
    if (isHalved) this.#idleHalves.set(memory, this.#length / 2)
    return memory
  }

  #giveHalfBack(memory: ArrayBuffer, offset: number): void {
    if (this.#idleHalves.delete(memory)) this.#giveBack(memory)
    else this.#idleHalves.set(memory, offset)
  }

  #giveBack(memory: ArrayBuffer): void {
    if (this.#idle.length < this.#mostIdle) this.#idle.push(memory)
  }
}
