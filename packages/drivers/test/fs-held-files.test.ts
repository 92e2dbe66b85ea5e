import { AsyncLocalStorage } from 'node:async_hooks'
import fs, { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KnownObjects } from '../src/fs/known-objects.js'
import { expectNothingLeft, openFilesIn, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

const LARGE = 64 * 1024 + 1
const CONTENT = 'content'.padEnd(LARGE, '.')
const CHANGED = 'changed'.padEnd(LARGE, '.')

const systemNow = Date.now
let ahead = 0

// So far ahead that every file counts as old enough to be known.
beforeEach(() => {
  ahead = 10_000
  vi.spyOn(Date, 'now').mockImplementation(() => systemNow() + ahead)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A driver that was asked for the object twice. */
async function driverThatHolds(root: string, key: string, options = {}) {
  const driver = fsDriver({ root, ...options })
  for (let turn = 0; turn < 2; turn++) await readText(driver, key)
  return driver
}

async function readPart(driver: StorageDriver, key: string, first: number, last: number): Promise<string> {
  const body = await (await driver.open(key))?.read({ first, last })
  if (body === undefined) throw new Error('it is not there')
  const chunks: Uint8Array[] = []
  if (body instanceof Uint8Array) chunks.push(body)
  else for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function expectHeld(root: string, keys: readonly string[]): void {
  expect(openFilesIn(root)).toEqual(keys.map((key) => `open ${join(root, key)}`))
}

async function expectAllClosed(root: string): Promise<void> {
  await expect.poll(() => openFilesIn(root)).toEqual([])
}

function passSecond(): void {
  vi.advanceTimersByTime(1000)
}

describe('the file of a large object', () => {
  it('is opened once for all who ask for it again, for the whole and for parts, and looked at once for those of one turn', async () => {
    const root = scratchFolder()
    const { stat } = await writeText(fsDriver({ root }), 'a/object', CONTENT, { visibility: 'public' })
    const driver = await driverThatHolds(root, 'a/object')
    const [opens, looks, closes] = [vi.spyOn(fs, 'open'), vi.spyOn(fs, 'stat'), vi.spyOn(fs, 'close')]
    const places = vi.spyOn(fs.realpath, 'native')
    const texts = [
      readText(driver, 'a/object'),
      readPart(driver, 'a/object', 3, 6),
      readPart(driver, 'a/object', LARGE - 2, LARGE - 1),
      readText(driver, 'a/object'),
    ]
    expect(await Promise.all(texts)).toEqual([CONTENT, 'tent', '..', CONTENT])
    expect([opens, looks, closes, places].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0, 0])
    const object = await driver.open('a/object')
    expect(object?.stat).toEqual(stat)
    expect(object?.file).toEqual({ root, name: 'a/object' })
    await object?.close()
    expectHeld(root, ['a/object'])
  })

  it('is held once where many ask at the same time', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = fsDriver({ root })
    await readText(driver, 'object')
    await Promise.all(Array.from({ length: 10 }, () => readText(driver, 'object')))
    await expect.poll(() => openFilesIn(root)).toHaveLength(1)
  })

  it('is closed one to two seconds after it was last asked for, and nothing runs on', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object')
    passSecond()
    expect(await readText(driver, 'object')).toBe(CONTENT)
    passSecond()
    expectHeld(root, ['object'])
    passSecond()
    await expectAllClosed(root)
    expect(vi.getTimerCount()).toBe(0)
    for (let turn = 0; turn < 2; turn++) expect(await readText(driver, 'object')).toBe(CONTENT)
    expectHeld(root, ['object'])
    passSecond()
    passSecond()
    await expectAllClosed(root)
  })

  it('is not closed under a download that began before', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'x'.repeat(1_000_000))
    const driver = await driverThatHolds(root, 'object')
    const body = await (await driver.open('object'))?.read()
    if (body === undefined || body instanceof Uint8Array) throw new Error('it comes in one chunk')
    let size = 0
    for await (const chunk of body) {
      if (size === 0) {
        passSecond()
        passSecond()
        expectHeld(root, ['object'])
      }
      size += chunk.byteLength
    }
    expect(size).toBe(1_000_000)
    await expectAllClosed(root)
  })

  it('is let go by who leaves a download early, closes the object, or asks for a range outside of it', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'x'.repeat(1_000_000))
    const driver = await driverThatHolds(root, 'object')
    const body = await (await driver.open('object'))?.read()
    if (body === undefined || body instanceof Uint8Array) throw new Error('it comes in one chunk')
    for await (const chunk of body) if (chunk.byteLength > 0) break
    await (await driver.open('object'))?.close()
    const object = await driver.open('object')
    expect(() => object?.read({ first: 0, last: 1_000_000 })).toThrow(RangeError)
    passSecond()
    passSecond()
    await expectAllClosed(root)
  })

  it.each([
    [
      'replaced by another process',
      async (root: string) => {
        await writeText(fsDriver({ root }), 'object', CHANGED)
      },
    ],
    [
      'replaced by a rename',
      (root: string) => {
        writeFileSync(join(root, 'new'), CHANGED)
        renameSync(join(root, 'new'), join(root, 'object'))
      },
    ],
    ['edited in place', (root: string) => writeFileSync(join(root, 'object'), CHANGED)],
    [
      'a link that leads elsewhere now',
      (root: string) => {
        writeFileSync(join(root, 'new'), CHANGED)
        unlinkSync(join(root, 'object'))
        symlinkSync('new', join(root, 'object'))
      },
    ],
  ])('is opened anew once it is %s', async (_, change) => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object')
    expectHeld(root, ['object'])
    const before = await driver.stat('object')
    await change(root)
    expect(await readText(driver, 'object')).toBe(CHANGED)
    expect(await readPart(driver, 'object', 0, 3)).toBe('chan')
    expect((await driver.stat('object'))?.etag).not.toBe(before?.etag)
    expect(openFilesIn(root).filter((path) => path.endsWith('(deleted)'))).toEqual([])
  })

  it('is closed, and the object gone or private, as soon as another process removes it or makes it so', async () => {
    const root = scratchFolder()
    const other = fsDriver({ root })
    await writeText(other, 'object', CONTENT, { visibility: 'public' })
    const driver = await driverThatHolds(root, 'object')
    await other.setVisibility?.('object', 'private')
    const object = await driver.open('object')
    expect(object?.stat.visibility).toBe('private')
    await object?.close()
    await readText(driver, 'object')
    expectHeld(root, ['object'])
    unlinkSync(join(root, 'object'))
    expect(await driver.open('object')).toBeNull()
    await expectAllClosed(root)
  })

  it('is closed when this process replaces or removes the object', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object')
    expectHeld(root, ['object'])
    await writeText(driver, 'object', CHANGED)
    await expectAllClosed(root)
    for (let turn = 0; turn < 2; turn++) expect(await readText(driver, 'object')).toBe(CHANGED)
    expectHeld(root, ['object'])
    await driver.delete('object')
    await expectAllClosed(root)
    await expectNothingLeft(root)
  })

  it('is not read where a link that was left for its folder leads out of the root, a second later', async () => {
    const [root, outside] = [scratchFolder(), scratchFolder()]
    mkdirSync(join(root, 'folder'))
    await writeText(fsDriver({ root }), 'folder/object', CONTENT)
    const driver = await driverThatHolds(root, 'folder/object')
    renameSync(join(root, 'folder'), join(outside, 'folder'))
    symlinkSync(join(outside, 'folder'), join(root, 'folder'))
    ahead += 1000
    expect(await driver.open('folder/object')).toBeNull()
    await expectAllClosed(outside)
  })

  it('is one of 64 at most, of which the one that was not asked for the longest is closed', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const keys = Array.from({ length: 66 }, (_, at) => `object-${at}`)
    for (const key of keys) await writeText(driver, key, CONTENT)
    for (const key of keys.slice(0, 64)) for (let turn = 0; turn < 2; turn++) await readText(driver, key)
    expect(openFilesIn(root)).toHaveLength(64)
    await readText(driver, 'object-0')
    for (const key of keys.slice(64)) for (let turn = 0; turn < 2; turn++) await readText(driver, key)
    const isOpen = (key: string) => openFilesIn(root).includes(`open ${join(root, key)}`)
    await expect.poll(() => openFilesIn(root).length).toBe(64)
    expect(['object-0', 'object-1', 'object-2', 'object-3', 'object-65'].map(isOpen)).toEqual([
      true,
      false,
      false,
      true,
      true,
    ])
  })

  it('has a timer that keeps nothing of the request that started it', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const contexts: unknown[] = []
    const storage = new AsyncLocalStorage<string>()
    const { setInterval } = globalThis
    vi.spyOn(globalThis, 'setInterval').mockImplementation(((...args: Parameters<typeof setInterval>) => {
      contexts.push(storage.getStore())
      return setInterval(...args)
    }) as typeof setInterval)
    const driver = fsDriver({ root })
    await storage.run('request', async () => {
      for (let turn = 0; turn < 2; turn++) await readText(driver, 'object')
    })
    expect(contexts).toEqual([undefined])
  })

  it.each<[string, number, object, () => void]>([
    ['of 64 KiB', LARGE - 1, {}, () => {}],
    ['while no object is to be known', LARGE, { contentCacheSize: 0 }, () => {}],
    [
      'while its time stamp is so young that it may not move',
      LARGE,
      {},
      () => {
        ahead = 0
      },
    ],
    [
      'where its file system cannot tell of every change',
      LARGE,
      {},
      () => {
        vi.spyOn(KnownObjects.prototype, 'takes').mockReturnValue(false)
      },
    ],
  ])('is not held %s', async (_, size, options, prepare) => {
    prepare()
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'x'.repeat(size))
    const driver = fsDriver({ root, ...options })
    for (let turn = 0; turn < 3; turn++) await readText(driver, 'object')
    await expectAllClosed(root)
  })
})
