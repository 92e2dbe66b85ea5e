import { randomBytes } from 'node:crypto'
import {
  type ByteRange,
  type Bytes,
  LatchkeyError,
  type ObjectStat,
  type Precondition,
  type StorageDriver,
  type StoredObject,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import { BodyReader } from '../body-reader.js'
import { keyDefect } from '../object-key.js'
import { assertDeletable, assertPrecondition } from '../precondition.js'

const CHUNK_BYTES = 64 * 1024

/** Options of {@link memoryDriver}. */
export interface MemoryDriverOptions {
  /** The most bytes that all objects may hold together, uploads under way included. Default: no limit. */
  readonly maxBytes?: number
}

/**
 * Keeps objects in this process's memory, for tests and prototypes: everything is gone when the process ends, and
 * each process has its own. Every rule of the contract holds, so that what passes here passes on a disk.
 *
 * Keys are any that Latchkey's key rules allow; `a` and `a/b` may both exist.
 *
 * @throws LatchkeyError `invalid_option` for a `maxBytes` that is not a number of bytes.
 */
export function memoryDriver(options: MemoryDriverOptions = {}): StorageDriver {
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
  if (!(maxBytes >= 0)) throw new LatchkeyError('invalid_option', 'maxBytes must be a number of bytes')
  return new MemoryDriver(maxBytes)
}

interface Version {
  readonly stat: ObjectStat
  readonly bytes: Uint8Array
}

class MemoryDriver implements StorageDriver {
  readonly capabilities = { ranges: true, conditionalWrites: true, metadata: true } as const
  readonly #objects = new Map<string, Version>()
  readonly #maxBytes: number
  #usedBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  async stat(key: string): Promise<ObjectStat | null> {
    return this.#objects.get(key)?.stat ?? null
  }

  async open(key: string): Promise<StoredObject | null> {
    const version = this.#objects.get(key)
    return version === undefined ? null : new OpenVersion(version)
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    assertSound(key)
    const reserved = { bytes: 0 }
    try {
      const bytes = await this.#receive(body, options, reserved)
      // Nothing is awaited from here on: the check and the publish are one step.
      const current = this.#objects.get(key)
      assertPrecondition(options.precondition, current?.stat ?? null)
      const stat = newStat(bytes.byteLength, options)
      this.#objects.set(key, { stat, bytes })
      this.#usedBytes -= current?.bytes.byteLength ?? 0
      reserved.bytes = 0
      return { stat, created: current === undefined }
    } finally {
      this.#usedBytes -= reserved.bytes
    }
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    assertSound(key)
    const current = this.#objects.get(key)
    assertDeletable(precondition, current?.stat ?? null)
    if (current === undefined) return false
    this.#objects.delete(key)
    this.#usedBytes -= current.bytes.byteLength
    return true
  }

  async #receive(body: Bytes, options: WriteOptions, reserved: { bytes: number }): Promise<Uint8Array> {
    const reader = new BodyReader(body, options.signal)
    try {
      const chunks: Uint8Array[] = []
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
        this.#usedBytes += chunk.byteLength
        reserved.bytes += chunk.byteLength
        if (this.#usedBytes > this.#maxBytes) {
          throw new LatchkeyError(
            'storage_full',
            `The memory driver's maxBytes (${this.#maxBytes}) is used up`,
          )
        }
        chunks.push(chunk)
      }
      reader.assertNotStopped()
      return Buffer.concat(chunks)
    } finally {
      reader.release()
    }
  }
}

class OpenVersion implements StoredObject {
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

function assertSound(key: string): void {
  const defect = keyDefect(key)
  if (defect !== null) throw new LatchkeyError('invalid_key', `The key cannot be stored: ${defect}`)
}

// In several chunks, so that what is tested against this driver meets both forms that a body can have. Each is a
// copy: whoever writes into what was read must not change the object.
async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.slice(at, at + CHUNK_BYTES)
}

function newStat(size: number, options: WriteOptions): ObjectStat {
  const { contentType, visibility, cacheControlMaxAge } = options
  return {
    size,
    etag: `"${randomBytes(12).toString('base64url')}"`,
    lastModified: new Date(),
    contentType,
    visibility,
    ...(cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge }),
  }
}
