import type { ByteRange, ObjectStat, StoredObject } from '@latchkey/core'

/** One version of an object, all of it in memory. */
export class BufferedObject implements StoredObject {
  readonly stat: ObjectStat
  readonly #bytes: Uint8Array
  #used = false

  constructor(stat: ObjectStat, bytes: Uint8Array) {
    this.stat = stat
    this.#bytes = bytes
  }

  /** A copy: storages in memory give out the very array that they hold. */
  read(range?: ByteRange): Uint8Array {
    if (this.#used) throw new Error('An open object can be read once, and not after it was closed')
    this.#used = true
    return range === undefined ? this.#bytes.slice() : this.#bytes.slice(range.first, range.last + 1)
  }

  async close(): Promise<void> {
    this.#used = true
  }
}
