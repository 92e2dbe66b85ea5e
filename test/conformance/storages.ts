import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileStorage } from '@flystorage/file-storage'
import { LocalStorageAdapter } from '@flystorage/local-fs'
import type { StorageDriver } from '@latchkey/core'
import { flydriveDriver } from '@latchkey/drivers/flydrive'
import { flystorageDriver } from '@latchkey/drivers/flystorage'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import { unstorageDriver } from '@latchkey/drivers/unstorage'
import type { CaseStorage } from '@latchkey/testkit'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { createStorage } from 'unstorage'

/** Memory. What is left behind shows in the handles that the cases track themselves. */
export async function memoryStorage(): Promise<CaseStorage> {
  return { driver: memoryDriver(), leftovers: async () => [], close: async () => {} }
}

/** An empty folder. What counts as left behind are files of uploads that are over, locks, and open handles. */
export async function fsStorage(): Promise<CaseStorage> {
  return inFolder((root) => fsDriver({ root }))
}

/** A flydrive disk over an empty folder. */
export async function flydriveStorage(): Promise<CaseStorage> {
  return inFolder((location) => {
    const disk = new Disk(new FSDriver({ location, visibility: 'private' }))
    return flydriveDriver(disk, { soleWriter: true })
  })
}

/** A flystorage file storage over an empty folder. */
export async function flystorageStorage(): Promise<CaseStorage> {
  return inFolder((folder) => {
    const storage = new FileStorage(new LocalStorageAdapter(folder))
    return flystorageDriver(storage, { folder, soleWriter: true, useVisibility: true })
  })
}

/** An unstorage storage in memory. */
export async function unstorageStorage(): Promise<CaseStorage> {
  const driver = unstorageDriver(createStorage(), { atomicWrites: true, soleWriter: true })
  return { driver, leftovers: async () => [], close: async () => {} }
}

async function inFolder(make: (folder: string) => StorageDriver): Promise<CaseStorage> {
  const root = await mkdtemp(join(tmpdir(), 'latchkey-'))
  const driver = make(root)
  return {
    driver,
    leftovers: async () => [
      ...(await filesIn(join(root, '.latchkey', 'tmp'))),
      ...(await filesIn(join(root, '.latchkey', 'locks'))),
      ...(await handlesBelow(root)),
    ],
    async close() {
      // Drivers begin to make their folders when they are made: a case that wrote nothing would leave them behind.
      await driver.write('last', nothing(), { contentType: 'text/plain', visibility: 'private' })
      await rm(root, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.map((name) => join(folder, name))
}

/** The open handles of this process below a folder; only Linux tells. */
async function handlesBelow(root: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  )
  return targets.filter((target) => target.startsWith(`${root}/`)).map((target) => `open handle of ${target}`)
}

/** The storages that the HTTP cases run over, by name. */
export const storages: Readonly<Record<string, () => Promise<CaseStorage>>> = {
  memory: memoryStorage,
  fs: fsStorage,
}
