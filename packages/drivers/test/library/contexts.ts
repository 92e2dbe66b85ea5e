import { join } from 'node:path'
import { FileStorage } from '@flystorage/file-storage'
import { LocalStorageAdapter } from '@flystorage/local-fs'
import { type FlydriveDriverOptions, flydriveDriver } from '@latchkey/drivers/flydrive'
import { type FlystorageDriverOptions, flystorageDriver } from '@latchkey/drivers/flystorage'
import { type UnstorageDriverOptions, unstorageDriver } from '@latchkey/drivers/unstorage'
import type { DriverCaseContext } from '@latchkey/testkit'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { createStorage, type Storage } from 'unstorage'
import fsItems from 'unstorage/drivers/fs'
import { leftoversIn, scratchFolder } from '../fs-context.js'

export function localDisk(location: string): Disk {
  return new Disk(new FSDriver({ location, visibility: 'private' }))
}

export function localStorage(root: string): FileStorage {
  return new FileStorage(new LocalStorageAdapter(root))
}

/** A flydrive disk over a folder. */
export function flydriveContext(options: FlydriveDriverOptions = {}): DriverCaseContext & { root: string } {
  const root = scratchFolder()
  const make = () => flydriveDriver(localDisk(root), options)
  return { root, driver: make(), reopen: async () => make(), leftovers: async () => leftoversIn(root) }
}

/** A flystorage file storage over a folder. */
export function flystorageContext(
  options: FlystorageDriverOptions = {},
): DriverCaseContext & { root: string } {
  const root = scratchFolder()
  const make = () => flystorageDriver(localStorage(join(root, '.')), { folder: root, ...options })
  return { root, driver: make(), reopen: async () => make(), leftovers: async () => leftoversIn(root) }
}

/** An unstorage storage in memory. */
export function unstorageContext(
  options: UnstorageDriverOptions = {},
): DriverCaseContext & { storage: Storage } {
  const storage = createStorage()
  const make = () => unstorageDriver(storage, { atomicWrites: true, ...options })
  return { storage, driver: make(), reopen: async () => make() }
}

/** An unstorage storage over a folder. */
export function unstorageFolderContext(
  options: UnstorageDriverOptions = {},
): DriverCaseContext & { root: string; storage: Storage } {
  const root = scratchFolder()
  const storage = createStorage({ driver: fsItems({ base: root }) })
  const make = () => unstorageDriver(storage, { folder: root, ...options })
  return {
    root,
    storage,
    driver: make(),
    reopen: async () => make(),
    leftovers: async () => leftoversIn(root),
  }
}
