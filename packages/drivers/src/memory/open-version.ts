import type { ByteRange, Bytes, ObjectStat, StoredObject } from '@latchkey/core'

const CHUNK_BYTES = 64 * 1024

/** One version of an object. */
export interface Version {
  readonly stat: ObjectStat
  readonly bytes: Uint8Array
}

/** One version, which nothing replaces or removes while it is read. */
export class OpenVersion implements StoredObject {
  readonly stat: ObjectStat
  readonly #bytes: Uint8Array
  #used = false

  constructor(version: Version) {
    this.stat = version.stat
    this.#bytes = version.bytes
  }

  read(range?: ByteRange): Bytes | Uint8Array {
    if (this.#used) throw new Error('An open object can be read once')
    this.#used = true
    const bytes = range === undefined ? this.#bytes : this.#bytes.subarray(range.first, range.last + 1)
    return bytes.byteLength > CHUNK_BYTES ? inChunks(bytes) : Uint8Array.from(bytes)
  }

  async close(): Promise<void> {
    this.#used = true
  }
}

// In several chunks, so that what is tested against this driver meets both forms that a body can have. Each is a
// copy: whoever writes into what was read must not change the object.
async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.slice(at, at + CHUNK_BYTES)
}
