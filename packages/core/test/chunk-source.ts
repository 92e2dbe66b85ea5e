import type { Bytes } from '../src/index.js'

/** A body of so many chunks that says how often it was asked for one, and how often it was closed before its end. */
export abstract class ChunkSource implements Bytes {
  asked = 0
  closed = 0
  count: number

  constructor(count: number) {
    this.count = count
  }

  abstract chunkAt(at: number): Uint8Array

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        if (this.asked === this.count) return { done: true, value: undefined }
        return { done: false, value: this.chunkAt(this.asked++) }
      },
      return: async () => {
        this.closed++
        return { done: true, value: undefined }
      },
    }
  }
}
