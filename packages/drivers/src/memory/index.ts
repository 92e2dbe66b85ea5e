import {
  assertObjectKey,
  type Bytes,
  LatchkeyError,
  type MultipartStorage,
  type ObjectStat,
  type Precondition,
  type StorageDriver,
  type StoredObject,
  type Visibility,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import { MemoryMultipart } from './multipart.js'
import { Objects } from './objects.js'
import { OpenVersion } from './open-version.js'
import { Room } from './room.js'

/** Options of {@link memoryDriver}. */
export interface MemoryDriverOptions {
  /** The most bytes that all objects may hold together, uploads under way included. Default: no limit. */
  readonly maxBytes?: number
}

/**
 * Keeps objects in this process's memory, for tests and prototypes: everything is gone when the process ends, and
 * each process has its own. Every rule of the contract holds, so that what passes here passes on a disk.
 *
 * Keys are any that Latchkey's key rules allow; `a` and `a/b` may both exist. An upload in parts takes as much room
 * again while it completes.
 *
 * @throws LatchkeyError `invalid_option` for a `maxBytes` that is not a number of bytes.
 */
export function memoryDriver(
  options: MemoryDriverOptions = {},
): StorageDriver & { readonly multipart: MultipartStorage } {
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
  if (!(maxBytes >= 0)) throw new LatchkeyError('invalid_option', 'maxBytes must be a number of bytes')
  return new MemoryDriver(new Room(maxBytes))
}

class MemoryDriver implements StorageDriver {
  readonly capabilities = { ranges: true, conditionalWrites: true, metadata: true } as const
  readonly multipart: MemoryMultipart
  readonly #objects: Objects
  readonly #room: Room

  constructor(room: Room) {
    this.#room = room
    this.#objects = new Objects(room)
    this.multipart = new MemoryMultipart(this.#objects, room)
  }

  async stat(key: string): Promise<ObjectStat | null> {
    return this.#objects.get(key)?.stat ?? null
  }

  async open(key: string): Promise<StoredObject | null> {
    const version = this.#objects.get(key)
    return version === undefined ? null : new OpenVersion(version)
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    assertObjectKey(key)
    const limits = options.signal === undefined ? {} : { signal: options.signal }
    return this.#room.receive(body, limits, (bytes) => this.#objects.publish(key, bytes, options))
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    assertObjectKey(key)
    return this.#objects.delete(key, precondition)
  }

  async setVisibility(key: string, visibility: Visibility): Promise<boolean> {
    assertObjectKey(key)
    return this.#objects.setVisibility(key, visibility)
  }
}
