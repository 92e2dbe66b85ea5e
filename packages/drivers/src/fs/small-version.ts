import {
  type ByteRange,
  type ObjectStat,
  SharedBytes,
  type StoredFile,
  type StoredObject,
} from '@latchkey/core'
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

  read(range?: ByteRange): SharedBytes {
    const [first, end] = spanOf(this.stat.size, range)
    return new SharedBytes(this.#bytes.subarray(first, end))
  }

  async close(): Promise<void> {}
}
