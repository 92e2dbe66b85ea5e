import type {
  Bytes,
  MultipartStorage,
  ObjectStat,
  Precondition,
  StorageDriver,
  StoredObject,
  Visibility,
  WriteOptions,
  WriteResult,
} from '@latchkey/core'
import { CommitLocks } from './commit-lock.js'
import { deleteObject } from './delete-object.js'
import { HeldFiles } from './held-files.js'
import { KnownObjects } from './known-objects.js'
import { localDevice } from './local-file-system.js'
import { ObjectLooks } from './object-looks.js'
import { openObject, statObject } from './read-object.js'
import { setVisibility } from './set-visibility.js'
import { type FsDriverOptions, type FsSettings, readSettings } from './settings.js'
import { SidecarCache } from './sidecar-cache.js'
import { storageError } from './storage-errors.js'
import type { ReadStore, WriteStore } from './store.js'
import { sweepAllSidecars, sweepLeftovers } from './sweep.js'
import { FsMultipart } from './uploads/index.js'
import { sweepUploads } from './uploads/sweep-uploads.js'
import { prepareRoot, prepareWorkspace } from './workspace.js'
import { writeObject } from './write-object.js'

export type { FsDriverOptions } from './settings.js'

/**
 * Keeps objects as plain files below `root`, under their own keys. Several processes, also in several containers or
 * on several machines, may share a root, if its file system has atomic `link` and `rename`.
 *
 * - A write is published in one step. The end of the process, kill -9 included, leaves the old object; what it had
 *   received is removed when a driver is next made over the root. A loss of power is survived with `fsync: true`.
 * - An upload in parts may be spread over all processes that share the root, and survives their end. Its object is
 *   assembled when it completes, which takes as much room again. A part may be empty.
 * - `.latchkey` in the root is the driver's own folder; no key lies in it. It holds the uploads under way, the locks,
 *   and beside each object's version its type, visibility and ETag.
 * - A file put there or edited by other means is served as a private object, its type taken from its key; it can be
 *   made public until it is edited. A tree
 *   copied file by file, as from a backup, becomes such files; a snapshot of the file system keeps the metadata.
 * - Links are followed inside the root and never out of it. A write or delete of a key that is a link affects the link,
 *   a change of visibility the object that it leads to.
 * - Keys have at most 1 024 bytes, and 255 in a segment. `a` and `a/b` exclude each other (`key_conflict`). On a file
 *   system that ignores case or Unicode forms (macOS, Windows), keys that differ in these alone are one file.
 *
 * Nothing is read or written before the returned driver's folders are made, which starts at once. Should that fail,
 * every call fails with the reason and the next one tries again; a root that is only readable still serves reads.
 *
 * @throws LatchkeyError `invalid_option` for an option out of its bounds.
 */
export function fsDriver(options: FsDriverOptions): StorageDriver & { readonly multipart: MultipartStorage } {
  return new FsDriver(options.root, readSettings(options))
}

class FsDriver implements StorageDriver {
  readonly capabilities = { ranges: true, conditionalWrites: true, metadata: true } as const
  readonly multipart = new FsMultipart(() => this.#toWrite())
  readonly #root: string
  readonly #settings: FsSettings
  readonly #cache: SidecarCache
  #known: KnownObjects | undefined
  #reading: Promise<ReadStore> | undefined
  #writing: Promise<WriteStore> | undefined

  constructor(root: string, settings: FsSettings) {
    this.#root = root
    this.#settings = settings
    this.#cache = new SidecarCache(settings.metadataCacheSize)
    // Begun now, so that the leftovers of a crash go even if nothing is ever written. A failure is the next call's.
    this.#toWrite()
      .then(async (store) => {
        await sweepUploads(store)
        await sweepAllSidecars(store)
      })
      .catch(() => {})
  }

  async stat(key: string): Promise<ObjectStat | null> {
    return statObject(await this.#toRead(), key)
  }

  async open(key: string): Promise<StoredObject | null> {
    return openObject(await this.#toRead(), key)
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    return writeObject(await this.#toWrite(), key, body, options).finally(() => this.#known?.forget(key))
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    return deleteObject(await this.#toWrite(), key, precondition).finally(() => this.#known?.forget(key))
  }

  async setVisibility(key: string, visibility: Visibility): Promise<boolean> {
    return setVisibility(await this.#toWrite(), key, visibility)
  }

  #toRead(): Promise<ReadStore> {
    this.#reading ??= this.#prepareReading().catch((error) => {
      this.#reading = undefined
      throw storageError(error)
    })
    return this.#reading
  }

  #toWrite(): Promise<WriteStore> {
    this.#writing ??= this.#prepareWriting().catch((error) => {
      this.#writing = undefined
      throw storageError(error)
    })
    return this.#writing
  }

  async #prepareReading(): Promise<ReadStore> {
    const root = await prepareRoot(this.#root, this.#settings)
    const held = new HeldFiles()
    const device = await localDevice(root)
    const known = new KnownObjects(this.#settings.contentCacheSize, device, (object) => held.letGo(object))
    this.#known = known
    const looks = new ObjectLooks(root, known)
    return { root, settings: this.#settings, cache: this.#cache, known, held, looks }
  }

  async #prepareWriting(): Promise<WriteStore> {
    const reading = await this.#toRead()
    const workspace = await prepareWorkspace(reading.root, this.#settings)
    const store = { ...reading, workspace, locks: new CommitLocks(workspace.locks) }
    await sweepLeftovers(store)
    return store
  }
}
