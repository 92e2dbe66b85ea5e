import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { StorageDriver } from '@latchkey/core'
import { flydriveDriver } from '@latchkey/drivers/flydrive'
import { flystorageDriver } from '@latchkey/drivers/flystorage'
import { unstorageDriver } from '@latchkey/drivers/unstorage'
import { createStorage } from 'unstorage'
import fsItems from 'unstorage/drivers/fs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { killChild, startChild, useChildScript } from '../child-process.js'
import { expectNothingLeft, openFilesIn, scratchFolder } from '../fs-context.js'
import { readText, writeText } from '../texts.js'
import { unable } from '../unable.js'
import { localDisk, localStorage } from './contexts.js'

const script = useChildScript('library-child')

afterEach(() => {
  vi.restoreAllMocks()
})

const LIBRARIES: Readonly<Record<string, (root: string) => StorageDriver>> = {
  flydrive: (root) => flydriveDriver(localDisk(root)),
  flystorage: (root) => flystorageDriver(localStorage(root), { folder: root }),
  unstorage: (root) => unstorageDriver(createStorage({ driver: fsItems({ base: root }) }), { folder: root }),
}

describe.each(Object.entries(LIBRARIES))('%s over a folder', (name, make) => {
  it('is storage_full on a full disk, leaves the old object, and works again when there is room', async (test) => {
    const root = scratchFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', root], { stdio: 'pipe' })
    } catch (error) {
      unable(test, `needs a small file system, which cannot be mounted: ${(error as Error).message}`)
    }
    onTestFinished(() => {
      execFileSync('umount', ['-l', root])
    })
    const driver = make(root)
    const { stat } = await writeText(driver, 'object', 'old')
    for (const key of ['object', 'new/one']) {
      await expect(writeText(driver, key, 'x'.repeat(3_000_000))).rejects.toMatchObject({
        code: 'storage_full',
      })
    }
    expect(await driver.stat('object')).toEqual(stat)
    expect(await readText(driver, 'object')).toBe('old')
    await expectNothingLeft(root)
    await writeText(driver, 'object', 'x'.repeat(500_000))
  })

  it('leaves the old object when it is killed in mid-upload, and after the next start no temporary file', async () => {
    const root = scratchFolder()
    const before = await writeText(make(root), 'kept', 'old')
    const child = await startChild(script(), { library: name, root, key: 'kept', until: 'received' })
    const temp = join(root, '.latchkey/tmp')
    if (name !== 'unstorage') expect(readdirSync(temp)).toHaveLength(1)
    await killChild(child)
    const after = make(root)
    expect(await after.stat('kept')).toEqual(before.stat)
    expect(await readText(after, 'kept')).toBe('old')
    await expectNothingLeft(root)
  })

  it('follows no link out of the folder', async () => {
    const [root, outside] = [scratchFolder(), scratchFolder()]
    writeFileSync(join(outside, 'secret'), 'secret')
    symlinkSync(outside, join(root, 'way'))
    symlinkSync(join(outside, 'secret'), join(root, 'link'))
    const driver = make(root)
    for (const key of ['way/secret', 'link']) {
      expect(await driver.stat(key)).toBeNull()
      expect(await driver.open(key)).toBeNull()
      expect(await driver.delete(key)).toBe(false)
    }
    await expect(writeText(driver, 'way/secret', 'x')).rejects.toMatchObject({ code: 'invalid_key' })
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  it('keeps no object in its own folder', async () => {
    const root = scratchFolder()
    const driver = make(root)
    await expect(writeText(driver, '.latchkey/tmp/a', 'x')).rejects.toMatchObject({ code: 'invalid_key' })
    mkdirSync(join(root, '.latchkey/tmp'), { recursive: true })
    writeFileSync(join(root, '.latchkey/tmp/a'), 'x')
    expect(await driver.stat('.latchkey/tmp/a')).toBeNull()
  })
})

describe.each(Object.entries(LIBRARIES).filter(([name]) => name !== 'unstorage'))('%s', (_name, make) => {
  it('breaks a read of a file that is cut short meanwhile, and lets go of it', async () => {
    const root = scratchFolder()
    const driver = make(root)
    await writeText(driver, 'cut', 'x'.repeat(3_000_000))
    const object = await driver.open('cut')
    const body = await object?.read()
    truncateSync(join(root, 'cut'), 1_000_000)
    const reading = (async () => {
      let size = 0
      for await (const chunk of body as AsyncIterable<Uint8Array>) size += chunk.byteLength
      return size
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect.poll(() => openFilesIn(root)).toEqual([])
  })
})

describe('flydriveDriver', () => {
  it('says what a failing disk means', async () => {
    const disk = localDisk(scratchFolder())
    writeFileSync(join(String(Reflect.get(Reflect.get(disk.driver, 'options'), 'location')), 'a'), 'x')
    const driver = flydriveDriver(disk)
    const failures: readonly (readonly [object, string | null])[] = [
      [{ code: 'EACCES', syscall: 'open' }, 'storage_denied'],
      [{ code: 'ENOSPC', syscall: 'write' }, 'storage_full'],
      [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'storage_unavailable'],
      [{ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, 'storage_denied'],
      [{ name: 'SlowDown', $metadata: { httpStatusCode: 503 } }, 'storage_unavailable'],
      [{ name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } }, 'storage_unavailable'],
      [{ name: 'EntityTooLarge', $metadata: { httpStatusCode: 400 } }, 'storage_full'],
      [{}, 'storage_unavailable'],
      [{ name: 'NotFound', $metadata: { httpStatusCode: 404 } }, null],
      [{ code: 404 }, null],
    ]
    for (const [properties, code] of failures) {
      const cause = Object.assign(new Error('injected'), properties)
      vi.spyOn(disk.driver, 'getMetaData').mockRejectedValue(cause)
      if (code === null) expect(await driver.stat('a')).toBeNull()
      else await expect(driver.stat('a')).rejects.toMatchObject({ name: 'LatchkeyError', code })
    }
  })

  it('puts nothing under a key that flydrive would change, and finds nothing there', async () => {
    const root = scratchFolder()
    const driver = flydriveDriver(localDisk(root))
    await writeText(driver, 'tidy/name', 'x')
    for (const key of ['tidy/name.', '.tidy/name', 'tidy/na  me', 'tidy/...//name', ' tidy/name']) {
      await expect(writeText(driver, key, 'y')).rejects.toMatchObject({ code: 'invalid_key' })
      expect(await driver.stat(key)).toBeNull()
    }
  })
})

describe('an upload that is aborted when all of it has come', () => {
  it('is not published', async () => {
    const disk = localDisk(scratchFolder())
    const driver = flydriveDriver(disk)
    await writeText(driver, 'a', 'old')
    const look = disk.getMetaData.bind(disk)
    const controller = new AbortController()
    vi.spyOn(disk, 'getMetaData').mockImplementationOnce(async (key) => {
      controller.abort(new Error('gone'))
      return look(key)
    })
    await expect(writeText(driver, 'a', 'new', { signal: controller.signal })).rejects.toThrow('gone')
    expect(await readText(driver, 'a')).toBe('old')
  })
})

describe('flystorageDriver over a store', () => {
  const store = (root: string) => localStorage(root)

  it('is read-only unless the app vouches for it, and says so', async () => {
    const root = scratchFolder()
    writeFileSync(join(root, 'a'), 'there')
    const driver = flystorageDriver(store(root))
    expect(driver.capabilities.uploads).toBe(false)
    await expect(writeText(driver, 'b', 'x')).rejects.toMatchObject({ code: 'storage_denied' })
    expect(existsSync(join(root, 'b'))).toBe(false)
    expect(await readText(driver, 'a')).toBe('there')
    expect(await driver.delete('a')).toBe(true)
  })

  it('lets go of a file that nobody reads to its end', async () => {
    const root = scratchFolder()
    writeFileSync(join(root, 'a'), Buffer.alloc(5_000_000))
    const object = await flystorageDriver(store(root)).open('a')
    expect(openFilesIn(root)).not.toEqual([])
    await object?.close()
    await expect.poll(() => openFilesIn(root), { timeout: 10_000 }).toEqual([])
  })

  it('gives no bytes of one version with the stat of another', async () => {
    const root = scratchFolder()
    writeFileSync(join(root, 'a'), 'old')
    const storage = store(root)
    const read = storage.read.bind(storage)
    let turns = 0
    vi.spyOn(storage, 'read').mockImplementation(async (...args) => {
      // Replaced between the look and the read, once.
      if (turns++ === 0) writeFileSync(join(root, 'a'), 'newer')
      return read(...args)
    })
    const object = await flystorageDriver(storage).open('a')
    expect(object?.stat.size).toBe(5)
    expect(turns).toBe(2)
    await object?.close()
  })

  it('does not wait for ever for an object that changes all the time', async () => {
    const root = scratchFolder()
    writeFileSync(join(root, 'a'), 'x')
    const storage = store(root)
    const read = storage.read.bind(storage)
    let size = 0
    vi.spyOn(storage, 'read').mockImplementation(async (...args) => {
      writeFileSync(join(root, 'a'), 'x'.repeat(++size))
      return read(...args)
    })
    await expect(flystorageDriver(storage).open('a')).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect.poll(() => openFilesIn(root)).toEqual([])
  })

  it('breaks a read that its store breaks', async () => {
    const root = scratchFolder()
    writeFileSync(join(root, 'a'), Buffer.alloc(100))
    const storage = store(root)
    vi.spyOn(storage, 'read').mockImplementation(async () => {
      const stream = new PassThrough()
      stream.write(Buffer.alloc(10))
      setTimeout(() => stream.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })), 20)
      return stream
    })
    const object = await flystorageDriver(storage).open('a')
    const body = (await object?.read()) as AsyncIterable<Uint8Array>
    const reading = (async () => {
      for await (const _ of body);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('refuses a folder for uploads that another user could write to', async (test) => {
    if (process.getuid?.() !== 0) unable(test, 'needs to be root to make a folder of another user')
    const folder = scratchFolder()
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    expect(tmpdir()).toBe(folder)
    const { chownSync } = await import('node:fs')
    mkdirSync(join(folder, 'latchkey-0'))
    chownSync(join(folder, 'latchkey-0'), 65534, 65534)
    const driver = flystorageDriver(store(scratchFolder()), { atomicWrites: true })
    await expect(writeText(driver, 'a', 'x')).rejects.toMatchObject({ code: 'storage_denied' })
  })
})

describe('unstorageDriver', () => {
  it('takes an object that the app replaced for a private one', async () => {
    const storage = createStorage()
    const driver = unstorageDriver(storage, { atomicWrites: true })
    const { stat } = await writeText(driver, 'a', 'public', { visibility: 'public' })
    await storage.setItemRaw('a', Buffer.from('secret'))
    const now = await driver.stat('a')
    expect(now).toMatchObject({ size: 6, visibility: 'private' })
    expect(now?.contentType).toBeUndefined()
    expect(now?.etag).not.toBe(stat.etag)
  })

  it('keeps the old object, and the meta of the app, where the bytes cannot be set', async () => {
    const storage = createStorage()
    const driver = unstorageDriver(storage, { atomicWrites: true })
    await writeText(driver, 'a', 'old', { visibility: 'public' })
    await storage.setMeta('a', { ...(await storage.getMeta('a')), owner: 'ada' })
    const before = await driver.stat('a')
    vi.spyOn(storage, 'setItemRaw').mockRejectedValueOnce(
      Object.assign(new Error("OOM command not allowed when used memory > 'maxmemory'."), {
        name: 'ReplyError',
      }),
    )
    const meta = await storage.getMeta('a')
    await expect(writeText(driver, 'a', 'new')).rejects.toMatchObject({ code: 'storage_full' })
    expect(await driver.stat('a')).toEqual(before)
    expect(await storage.getMeta('a')).toEqual(meta)
    expect(await storage.getMeta('a')).toMatchObject({ owner: 'ada' })
    await writeText(driver, 'a', 'new')
    expect(await storage.getMeta('a')).toMatchObject({ owner: 'ada' })
    await driver.delete('a')
    expect(await storage.getMeta('a')).toMatchObject({ owner: 'ada' })
  })

  it('shows the old object whole while the new one is being set', async () => {
    const storage = createStorage()
    const driver = unstorageDriver(storage, { atomicWrites: true })
    const { stat } = await writeText(driver, 'a', 'old', { visibility: 'public' })
    const set = storage.setItemRaw.bind(storage)
    const seen: unknown[] = []
    vi.spyOn(storage, 'setItemRaw').mockImplementation(async (...args) => {
      seen.push(await driver.stat('a'), await readText(driver, 'a'))
      await set(...args)
      seen.push((await driver.stat('a'))?.visibility)
    })
    await writeText(driver, 'a', 'new')
    expect(seen).toEqual([stat, 'old', 'private'])
  })

  it('does not take an error of the file system for an object, nor for a removal', async () => {
    const storage = createStorage()
    const driver = unstorageDriver(storage, { atomicWrites: true })
    await writeText(driver, 'a', 'x')
    const failure = Object.assign(new Error('EACCES: permission denied, open'), {
      code: 'EACCES',
      syscall: 'open',
    })
    vi.spyOn(storage, 'removeItem').mockResolvedValueOnce(undefined)
    await expect(driver.delete('a')).rejects.toMatchObject({ code: 'storage_denied' })
    vi.spyOn(storage, 'getItemRaw').mockResolvedValueOnce(failure)
    await expect(driver.stat('a')).rejects.toMatchObject({ code: 'storage_denied' })
  })

  it('does not share its bytes with readers', async () => {
    const driver = unstorageDriver(createStorage(), { atomicWrites: true })
    await writeText(driver, 'a', 'content')
    const bytes = (await (await driver.open('a'))?.read()) as Uint8Array
    bytes.fill(0)
    expect(await readText(driver, 'a')).toBe('content')
  })

  it('refuses a body that is too large before its first byte, and in the middle', async () => {
    const driver = unstorageDriver(createStorage(), { atomicWrites: true, maxObjectSize: 10 })
    await expect(writeText(driver, 'a', 'x'.repeat(11))).rejects.toMatchObject({ code: 'too_large' })
    await expect(writeText(driver, 'a', 'x', { size: 11 })).rejects.toMatchObject({ code: 'too_large' })
    expect(await driver.stat('a')).toBeNull()
  })
})
