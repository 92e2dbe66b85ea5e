import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { ObjectStat, Visibility } from '@latchkey/core'
import type { Disk } from 'flydrive'
import { strongEtag, weakEtag } from '../library/etag.js'
import type { Finished, Library, Metadata } from '../library/library.js'
import type { Backend } from './backend.js'

/** The calls of a disk. */
export class FlydriveLibrary implements Library {
  readonly drains = false
  readonly #disk: Disk
  readonly #backend: Backend
  readonly #useVisibility: boolean

  constructor(disk: Disk, { backend, useVisibility }: { backend: Backend; useVisibility: boolean }) {
    this.#disk = disk
    this.#backend = backend
    this.#useVisibility = useVisibility
  }

  /** flydrive condenses white space, drops a dot at either end, and more: such a key would be another's. */
  canHold(key: string): boolean {
    try {
      return this.#disk.file(key).key === key
    } catch {
      return false
    }
  }

  async stat(key: string): Promise<ObjectStat> {
    const { contentLength, contentType, etag, lastModified } = await this.#disk.getMetaData(key)
    const { location, isBucket } = this.#backend
    return {
      size: contentLength,
      etag: isBucket ? strongEtag(etag) : weakEtag(etag),
      lastModified,
      // Over files it is guessed from the key, which the core does as well, and for every driver alike.
      ...(location === undefined && contentType !== undefined && { contentType }),
      ...(this.#useVisibility && { visibility: await this.#disk.getVisibility(key) }),
    }
  }

  read(key: string): Promise<Readable> {
    return this.#disk.getStream(key)
  }

  async put(key: string, { path, size }: Finished, { contentType, visibility }: Metadata): Promise<void> {
    const options = { contentType, visibility }
    // The length of nothing would not be sent, and a stream of unknown length is refused.
    if (size === 0) return this.#disk.put(key, new Uint8Array(0), options)
    const stream = createReadStream(path)
    try {
      await this.#disk.putStream(key, stream, { ...options, contentLength: size })
    } finally {
      stream.destroy()
    }
  }

  remove(key: string): Promise<void> {
    return this.#disk.delete(key)
  }

  setVisibility(key: string, visibility: Visibility): Promise<void> {
    return this.#disk.setVisibility(key, visibility)
  }
}
