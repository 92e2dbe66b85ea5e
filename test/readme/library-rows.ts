import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FileStorage } from '@flystorage/file-storage'
import { LocalStorageAdapter } from '@flystorage/local-fs'
import { resolveCapabilities, type StorageDriver } from '@latchkey/core'
import { type FlydriveDriverOptions, flydriveDriver } from '@latchkey/drivers/flydrive'
import { type FlystorageDriverOptions, flystorageDriver } from '@latchkey/drivers/flystorage'
import { type UnstorageDriverOptions, unstorageDriver } from '@latchkey/drivers/unstorage'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { createStorage } from 'unstorage'
import fsItems from 'unstorage/drivers/fs'
import { expect } from 'vitest'
import { codeOf, expectInvalid, latchkeyWith, newFolder, upload } from './exchange.js'
import type { Rows } from './rows.js'

function able(driver: StorageDriver) {
  return resolveCapabilities(driver.capabilities)
}

/** A driver of flydrive that says neither where it keeps objects nor how. */
class OwnDriver extends FSDriver {
  constructor(location: string) {
    super({ location, visibility: 'private' })
    Reflect.set(this, 'options', {})
  }
}

const localDisk = (location: string) => new Disk(new FSDriver({ location, visibility: 'private' }))
const ownDisk = (location: string) => new Disk(new OwnDriver(location))
const localStorage = (folder: string) => new FileStorage(new LocalStorageAdapter(folder))

const overDisk = (options: FlydriveDriverOptions) => flydriveDriver(localDisk(newFolder()), options)
const overOwnDisk = (options: FlydriveDriverOptions) => flydriveDriver(ownDisk(newFolder()), options)
function overFiles(options: FlystorageDriverOptions): StorageDriver {
  const folder = newFolder()
  return flystorageDriver(localStorage(folder), { folder, ...options })
}
const overStore = (options: FlystorageDriverOptions) => flystorageDriver(localStorage(newFolder()), options)
const overItems = (options: UnstorageDriverOptions) => unstorageDriver(createStorage(), options)

/** The first upload creates; the second must be told that the key is taken. */
async function expectSoleWriter(make: (options: { soleWriter?: boolean }) => StorageDriver): Promise<void> {
  await expectInvalid(() => latchkeyWith({ storage: make({}) }).signedUploadUrl('a'))
  const files = latchkeyWith({ storage: make({ soleWriter: true }) })
  expect((await upload(files, 'a')).status).toBe(201)
  const { url } = await files.signedUploadUrl('a')
  expect(url).toContain('token=')
  expect(codeOf(await upload(files, 'a'))).toBe('exists')
}

async function expectTempFolder(make: (tempFolder: string) => StorageDriver): Promise<void> {
  const temp = join(newFolder(), 'made')
  const driver = make(temp)
  let seen: string[] = []
  async function* body() {
    yield Buffer.alloc(1)
    seen = readdirSync(temp)
  }
  await driver.write('a', body(), { contentType: 'text/plain', visibility: 'private' })
  expect(seen).toHaveLength(1)
  expect(readdirSync(temp)).toEqual([])
}

export const flydriveRows: Rows = {
  soleWriter: { default: 'false', check: () => expectSoleWriter(overDisk) },
  atomicWrites: {
    default: 'false',
    async check() {
      expect([able(overOwnDisk({})).uploads, able(overOwnDisk({ atomicWrites: true })).uploads]).toEqual([
        false,
        true,
      ])
      await expectInvalid(() => overDisk({ atomicWrites: true }))
    },
  },
  useVisibility: {
    default: 'false',
    async check() {
      expect([
        able(overOwnDisk({})).visibility,
        able(overOwnDisk({ useVisibility: true })).visibility,
      ]).toEqual([false, true])
      await expectInvalid(() => overDisk({ useVisibility: true }))
    },
  },
  tempFolder: {
    default: 'a folder of the system',
    async check() {
      await expectTempFolder((tempFolder) => overOwnDisk({ atomicWrites: true, tempFolder }))
      await expectInvalid(() => overDisk({ tempFolder: newFolder() }))
    },
  },
}

export const flystorageRows: Rows = {
  soleWriter: { default: 'false', check: () => expectSoleWriter(overFiles) },
  atomicWrites: {
    default: 'false',
    async check() {
      expect([able(overStore({})).uploads, able(overStore({ atomicWrites: true })).uploads]).toEqual([
        false,
        true,
      ])
      await expectInvalid(() => overFiles({ atomicWrites: true }))
    },
  },
  folder: {
    default: 'none',
    async check() {
      const folder = newFolder()
      const files = latchkeyWith({
        storage: flystorageDriver(localStorage(folder), { folder, soleWriter: true }),
      })
      expect((await upload(files, 'a/b')).status).toBe(201)
      expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
    },
  },
  etagChecksum: {
    default: 'false',
    async check() {
      const etags = [{}, { etagChecksum: true }].map((options) => able(overStore(options)).strongEtags)
      expect(etags).toEqual([false, true])
      await expectInvalid(() => overFiles({ etagChecksum: true }))
    },
  },
  useVisibility: {
    default: 'false',
    async check() {
      const folder = newFolder()
      const storage = flystorageDriver(localStorage(folder), {
        folder,
        soleWriter: true,
        useVisibility: true,
      })
      await upload(latchkeyWith({ storage }), 'shut')
      await upload(latchkeyWith({ storage }), 'open', {}, { visibility: 'public' })
      expect(['shut', 'open'].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([
        0o600, 0o644,
      ])
      await expectInvalid(() =>
        latchkeyWith({ storage: overFiles({}) }).signedUploadUrl('a', { visibility: 'public' }),
      )
    },
  },
  tempFolder: {
    default: 'a folder of the system',
    async check() {
      await expectTempFolder((tempFolder) => overStore({ atomicWrites: true, tempFolder }))
      await expectInvalid(() => overFiles({ tempFolder: newFolder() }))
    },
  },
}

export const unstorageRows: Rows = {
  soleWriter: {
    default: 'false',
    check: () => expectSoleWriter((options) => overItems({ atomicWrites: true, ...options })),
  },
  atomicWrites: {
    default: 'false',
    async check() {
      expect([able(overItems({})).uploads, able(overItems({ atomicWrites: true })).uploads]).toEqual([
        false,
        true,
      ])
      const storage = createStorage({ driver: fsItems({ base: newFolder() }) })
      await expectInvalid(() => unstorageDriver(storage, { atomicWrites: true }))
    },
  },
  folder: {
    default: 'none',
    async check() {
      const folder = newFolder()
      const storage = createStorage({ driver: fsItems({ base: folder }) })
      const files = latchkeyWith({ storage: unstorageDriver(storage, { folder, soleWriter: true }) })
      expect((await upload(files, 'a/b')).status).toBe(201)
      expect(readdirSync(join(folder, 'a')).sort()).toEqual(['b', 'b$'])
      await expectInvalid(() => unstorageDriver(storage, { folder, atomicWrites: true }))
    },
  },
  maxObjectSize: {
    default: '32mb',
    async check() {
      const tight = latchkeyWith({
        storage: overItems({ atomicWrites: true, soleWriter: true, maxObjectSize: 4 }),
      })
      expect(codeOf(await upload(tight, 'a', { body: '12345' }))).toBe('too_large')
      expect((await upload(tight, 'a', { body: '1234' })).status).toBe(201)
      const usual = latchkeyWith({ storage: overItems({ atomicWrites: true, soleWriter: true }) })
      const size = 32 * 1024 * 1024
      expect((await upload(usual, 'a', { body: new Uint8Array(size) })).status).toBe(201)
      expect(codeOf(await upload(usual, 'b', { body: new Uint8Array(size + 1) }))).toBe('too_large')
      await expectInvalid(() => overItems({ maxObjectSize: -1 }))
    },
  },
}
