import type { StorageDriver } from '@latchkey/core'
import type { Disk } from 'flydrive'
import { LibraryDriver } from '../library/library-driver.js'
import { LocalFolder } from '../library/local-folder.js'
import { assertOptions, invalid, type LibraryOptions } from '../library/settings.js'
import { Staging } from '../library/staging.js'
import { type Backend, backendOf } from './backend.js'
import { FlydriveLibrary } from './library.js'

/** Options of {@link flydriveDriver}. */
export interface FlydriveDriverOptions extends LibraryOptions {
  /**
   * Store visibility as the disk does, as ACL: what is public is then also public at the store itself. Every request asks
   * for it once or twice more. Default `false`: all objects are private. A disk without visibility of its own (`FSDriver`,
   * `supportsACL: false`) cannot.
   */
  readonly useVisibility?: boolean
  /** Where uploads wait until they have come whole. Default a folder of this user's in the system's. Not for `FSDriver`. */
  readonly tempFolder?: string
}

const OPTIONS = {
  soleWriter: 'boolean',
  atomicWrites: 'boolean',
  useVisibility: 'boolean',
  tempFolder: 'other',
} as const

/**
 * Keeps objects in a flydrive `Disk`, under their own keys, so that the app's own calls find them.
 *
 * - Over `FSDriver`, which writes into the file that readers have open and whose `move` copies, uploads are received in
 *   `.latchkey` in the disk's folder and renamed into place. Over `S3Driver` and `GCSDriver` they are received in
 *   `tempFolder` and put in one request. Over any other driver nothing is written unless the app vouches for it with
 *   `atomicWrites`.
 * - It has no ranges: every download is of the whole object. `FSDriver` has no strong ETags and keeps no types.
 * - Keys are those that flydrive takes as they are: `A-Z a-z 0-9 - _ ! . /` and single spaces, unless the app set
 *   `KeyNormalizer.allowedCharacterSet`.
 *
 * @throws LatchkeyError `invalid_option` for an option that the disk cannot keep.
 */
export function flydriveDriver(disk: Disk, options: FlydriveDriverOptions = {}): StorageDriver {
  assertOptions(options, OPTIONS)
  const { soleWriter = false, atomicWrites = false, useVisibility = false, tempFolder } = options
  const backend = backendOf(disk)
  assertFits(backend, options)
  const folder = backend.location === undefined ? undefined : new LocalFolder(backend.location)
  return new LibraryDriver({
    library: new FlydriveLibrary(disk, { backend, useVisibility }),
    folder,
    staging: stagingOf(folder, atomicWrites || backend.isBucket, tempFolder),
    capabilities: {
      ranges: false,
      conditionalWrites: soleWriter,
      metadata: false,
      visibility: useVisibility,
      contentTypes: folder === undefined,
      uploads: folder !== undefined || backend.isBucket || atomicWrites,
      strongEtags: backend.isBucket,
      versionEtags: false,
      everyKey: false,
      exactRemovals: soleWriter,
    },
  })
}

function stagingOf(
  folder: LocalFolder | undefined,
  isAtomic: boolean,
  tempFolder: string | undefined,
): Staging | undefined {
  if (folder !== undefined) return Staging.inFolder(folder)
  return isAtomic ? Staging.inTemp(tempFolder) : undefined
}

function assertFits(backend: Backend, options: FlydriveDriverOptions): void {
  const isLocal = backend.location !== undefined
  if (isLocal && options.atomicWrites === true)
    throw invalid('atomicWrites: FSDriver does not write atomically')
  if (isLocal && options.tempFolder !== undefined) {
    throw invalid('tempFolder: over FSDriver uploads are received in the folder of the disk')
  }
  if (options.useVisibility === true && !backend.keepsVisibility) {
    throw invalid('useVisibility: this disk keeps no visibility of its objects')
  }
}
