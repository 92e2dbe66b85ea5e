import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { FileStorage } from '@flystorage/file-storage'
import { LatchkeyError, type ObjectStat, type Visibility } from '@latchkey/core'
import { strongEtag, weakEtag } from '../library/etag.js'
import type { Finished, Library, Metadata } from '../library/library.js'

const MAX_TURNS = 20

/** How a storage is used. */
export interface FlystorageUse {
  readonly etagChecksum: boolean
  readonly useVisibility: boolean
}

/** The calls of a file storage. */
export class FlystorageLibrary implements Library {
  /** It pipes what it reads, and a pipe whose end is destroyed leaves its source open. */
  readonly drains = true
  readonly #storage: FileStorage
  readonly #use: FlystorageUse

  constructor(storage: FileStorage, use: FlystorageUse) {
    this.#storage = storage
    this.#use = use
  }

  /** What the default path normalizer refuses. */
  canHold(key: string): boolean {
    return !/\p{C}/u.test(key) && !key.includes('../')
  }

  async stat(key: string): Promise<ObjectStat | null> {
    if (!this.#use.etagChecksum) {
      const found = await this.#look(key)
      return found && { ...found, etag: weakEtag(`${found.size}-${found.lastModified.getTime()}`) }
    }
    for (let turn = 1; turn <= MAX_TURNS; turn++) {
      const before = await this.#storage.checksum(key, { algo: 'etag' })
      const found = await this.#look(key)
      // Three requests may come upon two versions.
      if (before === (await this.#storage.checksum(key, { algo: 'etag' }))) {
        return found && { ...found, etag: strongEtag(before) }
      }
    }
    throw new LatchkeyError('storage_unavailable', 'The object is replaced faster than it can be looked at')
  }

  read(key: string, signal: AbortSignal): Promise<Readable> {
    return this.#storage.read(key, { abortSignal: signal })
  }

  async put(key: string, { path }: Finished, { contentType, visibility }: Metadata): Promise<void> {
    const stream = createReadStream(path)
    try {
      await this.#storage.write(key, stream, {
        mimeType: contentType,
        ...(this.#use.useVisibility && { visibility }),
      })
    } finally {
      stream.destroy()
    }
  }

  remove(key: string): Promise<void> {
    return this.#storage.deleteFile(key)
  }

  setVisibility(key: string, visibility: Visibility): Promise<void> {
    return this.#storage.changeVisibility(key, visibility)
  }

  async #look(key: string): Promise<Omit<ObjectStat, 'etag'> | null> {
    const info = await this.#storage.stat(key)
    // A normalizer that gave the key another name would show another's object.
    if (!info.isFile || info.path !== key) return null
    if (info.size === undefined) throw new LatchkeyError('storage_unavailable', 'The adapter tells no sizes')
    const { size, lastModifiedMs, mimeType } = info
    return {
      size,
      // Unknown is now: nothing can then be taken for unchanged since.
      lastModified: new Date(Math.trunc(lastModifiedMs ?? Date.now())),
      ...(mimeType !== undefined && { contentType: mimeType }),
      ...(this.#use.useVisibility && { visibility: await this.#visibility(key) }),
    }
  }

  /** What is not said to be public is private. */
  async #visibility(key: string): Promise<Visibility> {
    return (await this.#storage.visibility(key)) === 'public' ? 'public' : 'private'
  }
}
