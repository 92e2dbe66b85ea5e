import type { ByteRange, ObjectStat, StoredFile, StoredObject } from '@latchkey/core'
import { spanOf } from './span.js'

/** One version whose bytes are in memory. */
export class SmallVersion implements StoredObject {
  readonly stat: ObjectStat
  readonly file: StoredFile
  readonly #bytes: Uint8Array

  constructor(stat: ObjectStat, file: StoredFile, bytes: Uint8Array) {
    this.stat = stat
    this.file = file
    this.#bytes = bytes
  }

  /** A copy: who gets it, a hook of the framework perhaps, may change it. */
  read(range?: ByteRange): Uint8Array {
    const [first, end] = spanOf(this.stat.size, range)
    return Buffer.from(this.#bytes.subarray(first, end))
  }

  async close(): Promise<void> {}
}
