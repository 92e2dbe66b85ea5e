import type { ByteRange, Bytes, ObjectStat, StoredObject } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { holdVersion } from './held-version.js'
import { readHead, type StoredHead } from './metadata.js'
import { ObjectBody } from './object-body.js'
import { type NamedVersion, readName } from './read-name.js'
import { meansAbsent, statusOf, storeError } from './store-errors.js'

/** As much as comes with the look at an object: a small one takes a single request, and no object holds a socket. */
const WINDOW_BYTES = 64 * 1024

/** Opens the current version. What is `held` stays readable when the key is replaced or removed. */
export async function openObject(bucket: Bucket, name: string, held: boolean): Promise<StoredObject | null> {
  const found = await look(bucket, name)
  if (found === null) return null
  const { head, window } = found
  if (head.stat.size === window.byteLength) return new SmallObject(head.stat, window)
  const version = { name, size: head.stat.size, etag: head.stat.etag }
  return held ? holdVersion(bucket, head.stat, version) : new LargeObject(bucket, head.stat, version, window)
}

/** What is known of an object, and its first bytes. */
async function look(
  bucket: Bucket,
  name: string,
): Promise<{ readonly head: StoredHead; readonly window: Uint8Array } | null> {
  try {
    const answer = await bucket.get(name, { Range: `bytes=0-${WINDOW_BYTES - 1}` })
    const length = answer.ContentLength ?? 0
    const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1]
    const head = readHead(answer, total === undefined ? length : Number(total))
    const body = new ObjectBody(answer.Body, length, bucket.settings.patienceMs)
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return head.isMarker ? null : { head, window: Buffer.concat(chunks) }
  } catch (error) {
    if (meansAbsent(error)) return null
    // No range fits an empty object.
    if (statusOf(error) !== 416) throw storeError(error)
    const head = await bucket.head(name)
    return head === null || head.isMarker ? null : { head, window: new Uint8Array(0) }
  }
}

/** An object that came whole with the look at it. */
class SmallObject implements StoredObject {
  readonly stat: ObjectStat
  readonly #bytes: Uint8Array

  constructor(stat: ObjectStat, bytes: Uint8Array) {
    this.stat = stat
    this.#bytes = bytes
  }

  read(range?: ByteRange): Uint8Array {
    return range === undefined ? this.#bytes : this.#bytes.subarray(range.first, range.last + 1)
  }

  async close(): Promise<void> {}
}

/** An object that is asked for again when it is read, in the version that was seen. */
class LargeObject implements StoredObject {
  readonly stat: ObjectStat
  readonly #bucket: Bucket
  readonly #version: NamedVersion
  readonly #window: Uint8Array

  constructor(bucket: Bucket, stat: ObjectStat, version: NamedVersion, window: Uint8Array) {
    this.stat = stat
    this.#bucket = bucket
    this.#version = version
    this.#window = window
  }

  async read(range?: ByteRange): Promise<Bytes | Uint8Array> {
    if (range !== undefined && range.last < this.#window.byteLength) {
      return this.#window.subarray(range.first, range.last + 1)
    }
    return readName(this.#bucket, this.#version, range)
  }

  async close(): Promise<void> {}
}
