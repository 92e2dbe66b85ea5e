import { setTimeout as sleep } from 'node:timers/promises'
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
import type { TempFile } from '../fs/temp-file.js'
import { assertDeletable, assertPrecondition, preconditionFailedError } from '../precondition.js'
import { Turns } from '../turns.js'
import type { Library } from './library.js'
import { libraryError, meansNoObject } from './library-errors.js'
import { LibraryObject, StartedStream, type StreamSource } from './library-object.js'
import type { LocalFolder } from './local-folder.js'
import type { Staging } from './staging.js'

// How often an object may be replaced under the hands of one who opens it.
const MAX_TURNS = 100
const LONGEST_PAUSE_MS = 50

/** What a driver over a library is made of. */
export interface LibraryParts {
  readonly library: Library
  readonly capabilities: DriverCapabilities
  /** Absent: the driver is read-only. */
  readonly staging: Staging | undefined
  /** Where the library keeps its objects as files: then they are published and removed there. */
  readonly folder: LocalFolder | undefined
}

/** The contract over the calls of a library that streams. */
export class LibraryDriver implements StorageDriver {
  readonly capabilities: DriverCapabilities
  readonly setVisibility?: (key: string, visibility: Visibility) => Promise<boolean>
  readonly #library: Library
  readonly #staging: Staging | undefined
  readonly #folder: LocalFolder | undefined
  readonly #source: StreamSource
  readonly #turns = new Turns()

  constructor({ library, capabilities, staging, folder }: LibraryParts) {
    this.capabilities = capabilities
    this.#library = library
    this.#staging = staging
    this.#folder = folder
    // A file is read past a library that would not let go of it.
    this.#source =
      folder !== undefined && library.drains
        ? { read: (key) => folder.read(key), drains: false }
        : { read: (key, signal) => library.read(key, signal), drains: library.drains }
    const flip = library.setVisibility?.bind(library)
    if (capabilities.visibility && flip !== undefined) {
      this.setVisibility = (key, visibility) => this.#flip(key, visibility, flip)
    }
  }

  async stat(key: string): Promise<ObjectStat | null> {
    return this.#ask(async () => ((await this.#mayHave(key)) ? this.#library.stat(key) : null))
  }

  /**
   * The stat is asked for again when the stream has started: only where it is the same are both of one version.
   *
   * @throws LatchkeyError `storage_unavailable` where the object is replaced all the time
   */
  async open(key: string): Promise<StoredObject | null> {
    for (let turn = 1; turn <= MAX_TURNS; turn++) {
      const before = await this.stat(key)
      if (before === null) return null
      const stream = await this.#ask(() => StartedStream.open(this.#source, key))
      if (stream !== null) {
        const after = await this.stat(key).catch((error: unknown) => {
          stream.release()
          throw error
        })
        if (after !== null && isSame(before, after)) return new LibraryObject(after, stream)
        stream.release()
      }
      await sleep(Math.random() * Math.min(turn, LONGEST_PAUSE_MS))
    }
    throw new LatchkeyError('storage_unavailable', 'The object is replaced faster than it can be opened')
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    const { precondition, size, signal } = options
    this.#assertHolds(key, precondition)
    if (this.#staging === undefined) {
      throw new LatchkeyError(
        'storage_denied',
        'This driver is read-only: see its options for what uploads need',
      )
    }
    const limits = { ...(size !== undefined && { size }), ...(signal !== undefined && { signal }) }
    try {
      return await this.#staging.receive(body, limits, (temp) =>
        this.#turns.run(key, () => this.#publish(key, temp, options)),
      )
    } catch (error) {
      throw error instanceof PublishError ? libraryError(error.cause) : error
    }
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    this.#assertHolds(key, precondition)
    return this.#turns.run(key, async () => {
      const current = await this.stat(key)
      assertDeletable(precondition, current)
      if (current === null) return false
      const removed = await this.#ask(async () => {
        await (this.#folder ?? this.#library).remove(key)
        return true
      })
      return removed ?? false
    })
  }

  /** A failure of the storage is told from one of the body, which comes out as it is. */
  async #publish(key: string, temp: TempFile, options: WriteOptions): Promise<WriteResult> {
    const current = await this.stat(key)
    assertPrecondition(options.precondition, current)
    temp.assertNotAborted()
    try {
      if (this.#folder !== undefined) {
        await this.#folder.publish(key, temp.path, current?.lastModified)
        temp.moved = true
        if (this.capabilities.visibility) await this.#library.setVisibility?.(key, options.visibility)
      } else {
        await this.#library.put(key, { path: temp.path, size: Number(temp.file.size) }, options)
      }
    } catch (error) {
      throw new PublishError('publish', { cause: error })
    }
    const stat = (await this.stat(key)) ?? alreadyGone(Number(temp.file.size))
    return { stat, created: current === null }
  }

  async #flip(
    key: string,
    visibility: Visibility,
    flip: (key: string, visibility: Visibility) => Promise<void>,
  ): Promise<boolean> {
    this.#assertHolds(key, undefined)
    return this.#turns.run(key, async () => {
      const current = await this.stat(key)
      if (current === null) return false
      if ((current.visibility ?? 'private') === visibility) return true
      const flipped = await this.#ask(async () => {
        await flip(key, visibility)
        return true
      })
      return flipped ?? false
    })
  }

  #assertHolds(key: string, precondition: Precondition | undefined): void {
    assertObjectKey(key)
    if (!this.#library.canHold(key)) {
      throw new LatchkeyError('invalid_key', 'The library does not take this key, or not for itself')
    }
    if (precondition !== undefined && !this.capabilities.conditionalWrites) throw preconditionFailedError()
  }

  async #mayHave(key: string): Promise<boolean> {
    if (!isObjectKey(key) || !this.#library.canHold(key)) return false
    return this.#folder === undefined || this.#folder.has(key)
  }

  /** The library's answer; `null` where it says that there is no object. */
  async #ask<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      return await question()
    } catch (error) {
      if (meansNoObject(error)) return null
      throw libraryError(error)
    }
  }
}

class PublishError extends Error {}

function isSame(one: ObjectStat, other: ObjectStat): boolean {
  return (
    one.etag === other.etag &&
    one.size === other.size &&
    one.lastModified.getTime() === other.lastModified.getTime() &&
    one.contentType === other.contentType &&
    one.visibility === other.visibility
  )
}

/** Somebody removed the object as soon as it was there. */
function alreadyGone(size: number): ObjectStat {
  return { size, etag: 'W/"gone"', lastModified: new Date() }
}
