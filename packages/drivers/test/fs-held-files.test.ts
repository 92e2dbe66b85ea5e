import { AsyncLocalStorage } from 'node:async_hooks'
import fs, { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KnownObjects } from '../src/fs/known-objects.js'
import { countForObjects, expectNothingLeft, openFilesIn, scratchFolder } from './fs-context.js'
import { type Change, REPLACEMENTS } from './replacements.js'
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

/** A download of an object whose file is held, in several chunks. */
async function downloadOfHeld() {
  const root = scratchFolder()
  await writeText(fsDriver({ root }), 'object', 'x'.repeat(1_000_000))
  const driver = await driverThatHolds(root, 'object')
  const body = await (await driver.open('object'))?.read()
  if (body === undefined || body instanceof Uint8Array) throw new Error('it comes in one chunk')
  return { root, driver, body }
}

/** A moment later: a file that was read before is closed in the background, and a driver's start may have some of its own open. */
async function expectOpen(root: string, keys: readonly string[]): Promise<void> {
  await expect.poll(() => openFilesIn(root)).toEqual(keys.map((key) => `open ${join(root, key)}`))
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
      readText(driver, 'a/object', { first: 3, last: 6 }),
      readText(driver, 'a/object', { first: LARGE - 2, last: LARGE - 1 }),
      readText(driver, 'a/object'),
    ]
    expect(await Promise.all(texts)).toEqual([CONTENT, 'tent', '..', CONTENT])
    expect([opens, looks, closes, places].map(countForObjects)).toEqual([0, 1, 0, 0])
    const object = await driver.open('a/object')
    expect(object?.stat).toEqual(stat)
    expect(object?.file).toEqual({ root, name: 'a/object' })
    await object?.close()
    await expectOpen(root, ['a/object'])
  })

  it('is not looked for where it is not open: an object that was only asked about is opened at once', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = fsDriver({ root })
    for (let turn = 0; turn < 2; turn++) await driver.stat('object')
    const looks = vi.spyOn(fs, 'stat')
    await driver.stat('object')
    expect(countForObjects(looks)).toBe(1)
    expect(await readText(driver, 'object')).toBe(CONTENT)
    expect(countForObjects(looks)).toBe(1)
  })

  it('is not held where its object is forgotten at once, for want of room', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object', { contentCacheSize: 1025 })
    expect(await readText(driver, 'object')).toBe(CONTENT)
    await expectOpen(root, [])
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
    await expectOpen(root, ['object'])
    passSecond()
    await expectOpen(root, [])
    expect(vi.getTimerCount()).toBe(0)
    for (let turn = 0; turn < 2; turn++) expect(await readText(driver, 'object')).toBe(CONTENT)
    await expectOpen(root, ['object'])
    passSecond()
    passSecond()
    await expectOpen(root, [])
  })

  it('is not closed under a download that began before', async () => {
    const { root, body } = await downloadOfHeld()
    let size = 0
    for await (const chunk of body) {
      if (size === 0) {
        passSecond()
        passSecond()
        await expectOpen(root, ['object'])
      }
      size += chunk.byteLength
    }
    expect(size).toBe(1_000_000)
    await expectOpen(root, [])
  })

  it('is let go by who leaves a download early, closes the object, or asks for a range outside of it', async () => {
    const { root, driver, body } = await downloadOfHeld()
    for await (const chunk of body) if (chunk.byteLength > 0) break
    await (await driver.open('object'))?.close()
    const object = await driver.open('object')
    expect(() => object?.read({ first: 0, last: 1_000_000 })).toThrow(RangeError)
    passSecond()
    passSecond()
    await expectOpen(root, [])
  })

  it.each<Change>([
    ...REPLACEMENTS,
    ['edited in place', (root, text) => writeFileSync(join(root, 'object'), text)],
  ])('is opened anew once it is %s', async (_, change) => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object')
    await expectOpen(root, ['object'])
    const before = await driver.stat('object')
    await change(root, CHANGED)
    expect(await readText(driver, 'object')).toBe(CHANGED)
    expect(await readText(driver, 'object', { first: 0, last: 3 })).toBe('chan')
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
    await expectOpen(root, ['object'])
    unlinkSync(join(root, 'object'))
    expect(await driver.open('object')).toBeNull()
    await expectOpen(root, [])
  })

  it('is closed when this process replaces or removes the object', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', CONTENT)
    const driver = await driverThatHolds(root, 'object')
    await expectOpen(root, ['object'])
    await writeText(driver, 'object', CHANGED)
    await expectOpen(root, [])
    for (let turn = 0; turn < 2; turn++) expect(await readText(driver, 'object')).toBe(CHANGED)
    await expectOpen(root, ['object'])
    await driver.delete('object')
    await expectOpen(root, [])
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
    await expectOpen(outside, [])
  })

  it('is one of 64 at most, of which the one that was not asked for the longest is closed', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const keys = Array.from({ length: 66 }, (_, at) => `object-${at}`)
    for (const key of keys) await writeText(driver, key, CONTENT)
    for (const key of keys.slice(0, 64)) for (let turn = 0; turn < 2; turn++) await readText(driver, key)
    await expect.poll(() => openFilesIn(root)).toHaveLength(64)
    await readText(driver, 'object-0')
    for (const key of keys.slice(64)) for (let turn = 0; turn < 2; turn++) await readText(driver, key)
    const isOpen = (key: string) => openFilesIn(root).includes(`open ${join(root, key)}`)
    await expect.poll(() => openFilesIn(root)).toHaveLength(64)
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
    await expectOpen(root, [])
  })
})
