import { createHash, randomBytes } from 'node:crypto'
import {
  assertObjectKey,
  type Bytes,
  type DriverCapabilities,
  LatchkeyError,
  type ObjectStat,
  type Precondition,
  type StorageDriver,
  type StoredObject,
  type Visibility,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import { isObjectKey } from '@latchkey/core/token'
import { BodyReader } from '../body-reader.js'
import { assertDeletable, assertPrecondition, preconditionFailedError } from '../precondition.js'
import { Turns } from '../turns.js'
import { tooLarge } from '../upload-errors.js'
import { BufferedObject } from './buffered-object.js'
import type { Items } from './items.js'
import { recordsIn, statOf, type VersionRecord, withoutRecords, withRecords } from './records.js'

// How often an object may be replaced under the hands of one who reads it.
const MAX_TURNS = 20

/** One version of an object, as it was found. */
interface Found {
  readonly bytes: Uint8Array
  readonly record: VersionRecord
  /** All that lies beside the item, the app's own included. */
  readonly meta: unknown
}

/**
 * The contract over items that are read and set whole, with metadata in an item beside them.
 *
 * Two items cannot be set in one step. So a record names the bytes that it is about by their digest: it is set before
 * they are, beside that of the old version, and counts for nobody until they are there.
 */
export class UnstorageDriver implements StorageDriver {
  readonly capabilities: DriverCapabilities
  readonly #items: Items
  readonly #maxObjectSize: number
  readonly #turns = new Turns()

  constructor(items: Items, capabilities: DriverCapabilities, maxObjectSize: number) {
    this.#items = items
    this.capabilities = capabilities
    this.#maxObjectSize = maxObjectSize
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const found = await this.#find(key)
    return found && statOf(found.record, found.bytes.byteLength)
  }

  async open(key: string): Promise<StoredObject | null> {
    const found = await this.#find(key)
    return found && new BufferedObject(statOf(found.record, found.bytes.byteLength), found.bytes)
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    this.#assertHolds(key, options.precondition)
    const reader = new BodyReader(body, options.signal, this.#maxObjectSize)
    try {
      if (options.size !== undefined && options.size > this.#maxObjectSize) throw tooLarge()
      const chunks: Uint8Array[] = []
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
        chunks.push(Uint8Array.from(chunk))
      }
      const bytes = Buffer.concat(chunks)
      return await this.#turns.run(key, async () => {
        const current = await this.#find(key)
        assertPrecondition(options.precondition, current && statOf(current.record, current.bytes.byteLength))
        reader.assertNotStopped()
        const record = newRecord(bytes, options)
        await this.#publish(key, bytes, record, current)
        return { stat: statOf(record, bytes.byteLength), created: current === null }
      })
    } finally {
      reader.release()
    }
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    this.#assertHolds(key, precondition)
    return this.#turns.run(key, async () => {
      const current = await this.#find(key)
      assertDeletable(precondition, current && statOf(current.record, current.bytes.byteLength))
      if (current === null) return false
      await this.#items.remove(key)
      if (recordsIn(current.meta).length > 0) await this.#items.putMeta(key, withoutRecords(current.meta))
      return true
    })
  }

  async setVisibility(key: string, visibility: Visibility): Promise<boolean> {
    this.#assertHolds(key, undefined)
    return this.#turns.run(key, async () => {
      const current = await this.#find(key)
      if (current === null) return false
      if (current.record.visibility === visibility) return true
      await this.#items.putMeta(key, withRecords(current.meta, [{ ...current.record, visibility }]))
      return true
    })
  }

  async #publish(
    key: string,
    bytes: Uint8Array,
    record: VersionRecord,
    current: Found | null,
  ): Promise<void> {
    const meta = current?.meta ?? (await this.#items.meta(key))
    // The bytes are there already: the record is all that changes.
    if (current?.record.digest === record.digest) {
      await this.#items.putMeta(key, withRecords(meta, [record]))
      return
    }
    const before = recordsIn(meta).filter(({ digest }) => digest === current?.record.digest)
    await this.#items.putMeta(key, withRecords(meta, [record, ...before]))
    try {
      await this.#items.put(key, bytes)
    } catch (error) {
      const restored = before.length > 0 ? withRecords(meta, before) : withoutRecords(meta)
      await this.#items.putMeta(key, restored).catch(() => {})
      throw error
    }
    // The object is there; a record too many is of bytes that are gone, and goes with the next write.
    if (before.length > 0) await this.#items.putMeta(key, withRecords(meta, [record])).catch(() => {})
  }

  /** Bytes and the record that is about them; a version that came from elsewhere is private, and its digest its ETag. */
  async #find(key: string): Promise<Found | null> {
    if (!isObjectKey(key) || !canHold(key)) return null
    let last: string | undefined
    for (let turn = 1; turn <= MAX_TURNS; turn++) {
      const bytes = await this.#items.bytes(key)
      if (bytes === null) return null
      const digest = digestOf(bytes)
      const meta = await this.#items.meta(key)
      const records = recordsIn(meta)
      const record = records.find((each) => each.digest === digest)
      if (record !== undefined) return { bytes, record, meta }
      // Where there are records of other bytes, these may have been replaced between the two looks.
      if (records.length === 0 || last === digest) {
        const modified = (await this.#items.modified(key)) ?? new Date()
        const foreign = {
          digest,
          version: digest,
          modified: modified.getTime(),
          visibility: 'private',
        } as const
        return { bytes, record: foreign, meta }
      }
      last = digest
    }
    throw new LatchkeyError('storage_unavailable', 'The object is replaced faster than it can be read')
  }

  #assertHolds(key: string, precondition: Precondition | undefined): void {
    assertObjectKey(key)
    if (!canHold(key)) {
      throw new LatchkeyError(
        'invalid_key',
        'unstorage takes `:` for `/`, drops what follows `?`, and keeps metadata under keys that end in `$`',
      )
    }
    if (precondition !== undefined && !this.capabilities.conditionalWrites) throw preconditionFailedError()
  }
}

/** Whether unstorage takes a key for itself and for nothing else. Its `fs` driver refuses two dots before a slash. */
function canHold(key: string): boolean {
  return !/[:?]|\$$|\.\.(?:\/|$)/.test(key)
}

function newRecord(
  bytes: Uint8Array,
  { contentType, visibility, cacheControlMaxAge }: WriteOptions,
): VersionRecord {
  return {
    digest: digestOf(bytes),
    version: randomBytes(12).toString('base64url'),
    modified: Date.now(),
    contentType,
    visibility,
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
