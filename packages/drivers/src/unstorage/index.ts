import type { StorageDriver } from '@latchkey/core'
import { parseSize } from '@latchkey/core/token'
import type { Storage } from 'unstorage'
import { LocalFolder } from '../library/local-folder.js'
import { assertOptions, invalid, type LibraryOptions } from '../library/settings.js'
import { Staging } from '../library/staging.js'
import { UnstorageDriver } from './driver.js'
import { Items, type Publisher } from './items.js'

/** Options of {@link unstorageDriver}. */
export interface UnstorageDriverOptions extends LibraryOptions {
  /**
   * The folder of unstorage's `fs` or `fs-lite` driver, its `base`: items are written in `.latchkey` there and renamed into
   * place. Without it or `atomicWrites` the driver is read-only, as that driver writes into the file that others read.
   */
  readonly folder?: string
  /** The most bytes of an upload: it is in memory as a whole, and so is each download. Default 32 MB. */
  readonly maxObjectSize?: number | string
}

const OPTIONS = {
  soleWriter: 'boolean',
  atomicWrites: 'boolean',
  folder: 'other',
  maxObjectSize: 'other',
} as const

const FILE_DRIVERS = new Set(['fs', 'fs-lite'])
const MAX_OBJECT_SIZE = '32mb'

/**
 * Keeps objects as raw items of an unstorage `Storage`, under their own keys, so that the app's own calls find them.
 *
 * - unstorage does not say whether its driver sets an item in one step, so the app does: `folder` for `fs`, `atomicWrites`
 *   for Redis, memory and most others. With neither the driver is read-only.
 * - Each object is in memory as a whole while it is stored or served, also for its stat: it is for small objects.
 * - Type, visibility and cache age lie in the item's meta (`key$`), as `latchkey`, bound to the bytes by their digest.
 *   Where several processes write one key at the same moment, they may be lost: the object is private then.
 * - Keys have no `:` and no `?`, do not end in `$`, and no segment ends in `..`: unstorage would take them for others.
 *
 * @throws LatchkeyError `invalid_option` for options that exclude each other or do not fit the storage.
 */
export function unstorageDriver(
  storage: Storage,
  options: UnstorageDriverOptions = {},
): StorageDriver & Required<Pick<StorageDriver, 'setVisibility'>> {
  assertOptions(options, OPTIONS)
  const { soleWriter = false, maxObjectSize = MAX_OBJECT_SIZE } = options
  const publisher = publisherOf(storage, options)
  const capabilities = {
    ranges: true,
    conditionalWrites: soleWriter,
    metadata: true,
    uploads: publisher !== undefined,
    everyKey: false,
    exactRemovals: soleWriter,
  }
  return new UnstorageDriver(
    new Items(storage, publisher),
    capabilities,
    parseSize(maxObjectSize, 'maxObjectSize'),
  )
}

function publisherOf(
  storage: Storage,
  { atomicWrites, folder: path }: UnstorageDriverOptions,
): Publisher | undefined {
  if (path !== undefined) {
    if (atomicWrites === true) throw invalid('folder is of the fs driver, which does not write atomically')
    const folder = new LocalFolder(path)
    return { type: 'folder', folder, staging: Staging.inFolder(folder) }
  }
  if (atomicWrites !== true) return undefined
  const { name } = storage.getMount().driver
  if (name !== undefined && FILE_DRIVERS.has(name)) {
    throw invalid(`atomicWrites: the ${name} driver does not write atomically; name its folder`)
  }
  return { type: 'storage' }
}
