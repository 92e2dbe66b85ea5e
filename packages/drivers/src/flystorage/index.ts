import type { FileStorage } from '@flystorage/file-storage'
import type { StorageDriver } from '@latchkey/core'
import { LibraryDriver } from '../library/library-driver.js'
import { LocalFolder } from '../library/local-folder.js'
import { assertOptions, invalid, type LibraryOptions } from '../library/settings.js'
import { Staging } from '../library/staging.js'
import { FlystorageLibrary } from './library.js'

/** Options of {@link flystorageDriver}. */
export interface FlystorageDriverOptions extends LibraryOptions {
  /**
   * The folder of a `LocalStorageAdapter`, its `rootDir`: uploads are received in `.latchkey` there and renamed into place.
   * Without it or `atomicWrites` the driver is read-only, as that adapter writes into the file that readers have open.
   */
  readonly folder?: string
  /**
   * Ask the adapter for the checksum `etag`, as those of S3 and Azure have it, and use it as a strong ETag. Each stat then
   * takes two requests more. Default `false`: weak ETags of size and time.
   */
  readonly etagChecksum?: boolean
  /**
   * Store visibility as the adapter does (an ACL, the mode of a file): what is public is then also public at the store
   * itself, and a file that others may read counts as public. Default `false`: all objects are private.
   */
  readonly useVisibility?: boolean
  /** Where uploads wait until they have come whole. Default a folder of this user's in the system's. Not with `folder`. */
  readonly tempFolder?: string
}

// What the adapter takes for private; until it was told otherwise, an object is.
const PRIVATE_MODE = 0o600

const OPTIONS = {
  soleWriter: 'boolean',
  atomicWrites: 'boolean',
  etagChecksum: 'boolean',
  useVisibility: 'boolean',
  folder: 'other',
  tempFolder: 'other',
} as const

/**
 * Keeps objects in a `FileStorage` of flystorage, under their own keys, so that the app's own calls find them.
 *
 * - It does not tell what adapter it has, so the app does: `folder` for local files, `atomicWrites` for an object store.
 *   With neither the driver is read-only.
 * - It has no ranges: every download is of the whole object. Local files keep no types.
 * - Without `folder` a local file stays open until it is read to its end, also for a client that went away: flystorage
 *   does not let go of it, so the rest is read and dropped.
 * - Keys are those that the default path normalizer takes: without `../` in them and without invisible characters. A
 *   normalizer of the app's own must leave keys as they are.
 *
 * @throws LatchkeyError `invalid_option` for options that exclude each other.
 */
export function flystorageDriver(storage: FileStorage, options: FlystorageDriverOptions = {}): StorageDriver {
  assertOptions(options, OPTIONS)
  const { soleWriter = false, atomicWrites = false, etagChecksum = false, useVisibility = false } = options
  const { folder: path, tempFolder } = options
  if (path !== undefined && (atomicWrites || tempFolder !== undefined || etagChecksum)) {
    throw invalid('folder is of local files, which atomicWrites, tempFolder and etagChecksum are not for')
  }
  const folder = path === undefined ? undefined : new LocalFolder(path)
  return new LibraryDriver({
    library: new FlystorageLibrary(storage, { etagChecksum, useVisibility }),
    folder,
    staging:
      folder !== undefined
        ? Staging.inFolder(folder, useVisibility ? PRIVATE_MODE : undefined)
        : atomicWrites
          ? Staging.inTemp(tempFolder)
          : undefined,
    capabilities: {
      ranges: false,
      conditionalWrites: soleWriter,
      metadata: false,
      visibility: useVisibility,
      contentTypes: folder === undefined,
      uploads: folder !== undefined || atomicWrites,
      strongEtags: etagChecksum,
      versionEtags: false,
      everyKey: false,
      exactRemovals: soleWriter,
    },
  })
}
