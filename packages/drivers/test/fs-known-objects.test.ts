import { execFileSync } from 'node:child_process'
import fs, {
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SharedBytes, type StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest'
import { isSameFile } from '../src/fs/identity.js'
import { type KnownObject, KnownObjects } from '../src/fs/known-objects.js'
import { isLocal, localDevice } from '../src/fs/local-file-system.js'
import { countForObjects, expectNothingLeft, scratchFolder } from './fs-context.js'
import { type Change, REPLACEMENTS } from './replacements.js'
import { readText, writeText } from './texts.js'

const systemNow = Date.now
let ahead = 0

// So far ahead that every file counts as old enough to be kept.
beforeEach(() => {
  ahead = 10_000
  vi.spyOn(Date, 'now').mockImplementation(() => systemNow() + ahead)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** A driver that has the object in memory. */
async function driverThatKeeps(root: string, key: string, options = {}) {
  const driver = fsDriver({ root, ...options })
  for (let turn = 0; turn < 2; turn++) await readText(driver, key)
  const opens = vi.spyOn(fs, 'open')
  await readText(driver, key)
  return { driver, opens, isKept: opens.mock.calls.length === 0 }
}

async function overwriteWhatIsRead(driver: StorageDriver, key: string): Promise<void> {
  const body = await (await driver.open(key))?.read()
  if (body === undefined) throw new Error('it is not there')
  if (body instanceof Uint8Array) body.fill(0)
  else for await (const chunk of body) chunk.fill(0)
}

describe('a small object', () => {
  it('is sent from memory when it is asked for again and again, whole, in part, and as a stat', async () => {
    const root = scratchFolder()
    const written = await writeText(fsDriver({ root }), 'a/object', 'content', { visibility: 'public' })
    const { driver, opens, isKept } = await driverThatKeeps(root, 'a/object')
    expect(isKept).toBe(true)
    const object = await driver.open('a/object')
    expect(object?.stat).toEqual(written.stat)
    expect(object?.file).toEqual({ root, name: 'a/object' })
    const part = await object?.read({ first: 2, last: 3 })
    expect(part).toBeInstanceOf(SharedBytes)
    expect(Buffer.from((part as SharedBytes).lend()).toString()).toBe('nt')
    expect(await driver.stat('a/object')).toEqual(written.stat)
    expect(() => object?.read({ first: 2, last: 7 })).toThrow(RangeError)
    expect(opens).not.toHaveBeenCalled()
    await expectNothingLeft(root)
  })

  it('is asked about in one call to the file system', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver } = await driverThatKeeps(root, 'object')
    const calls = (['stat', 'lstat', 'fstat', 'read', 'close', 'readFile'] as const).map((name) =>
      vi.spyOn(fs, name),
    )
    const places = vi.spyOn(fs.realpath, 'native')
    expect(await readText(driver, 'object')).toBe('content')
    expect(calls.map(countForObjects)).toEqual([1, 0, 0, 0, 0, 0])
    expect(places).not.toHaveBeenCalled()
  })

  it('is the reader’s own: who changes the bytes changes no later download', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    expect(isKept).toBe(true)
    await overwriteWhatIsRead(driver, 'object')
    expect(await readText(driver, 'object')).toBe('content')
    const other = fsDriver({ root })
    for (let turn = 0; turn < 3; turn++) {
      expect(await readText(other, 'object')).toBe('content')
      await overwriteWhatIsRead(other, 'object')
    }
  })

  it('is asked about once for all who ask in the same turn, with what is true after the last of them', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    expect(isKept).toBe(true)
    const looks = vi.spyOn(fs, 'stat')
    expect(await Promise.all(Array.from({ length: 20 }, () => readText(driver, 'object')))).toEqual(
      Array(20).fill('content'),
    )
    expect(looks).toHaveBeenCalledTimes(1)
    const early = readText(driver, 'object')
    await Promise.resolve()
    writeFileSync(join(root, 'object'), 'changed')
    expect(await readText(driver, 'object')).toBe('changed')
    expect(await early).toBe('changed')
  })

  it('is asked about anew by who comes when a look has begun, which may be too early to see a change', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    expect(isKept).toBe(true)
    const stat = fs.stat
    let answer = () => {}
    const begun = new Promise<void>((resolve) => {
      const looks = vi.spyOn(fs, 'stat') as unknown as Mock<(...args: Parameters<typeof stat>) => void>
      looks.mockImplementationOnce((path, options, done) => {
        const file = fs.statSync(path, { bigint: true })
        answer = () => (done as unknown as (error: null, file: fs.BigIntStats) => void)(null, file)
        expect(options).toEqual({ bigint: true })
        resolve()
      })
    })
    const early = readText(driver, 'object')
    await begun
    writeFileSync(join(root, 'object'), 'changed')
    const late = readText(driver, 'object')
    // Long enough for one that waits for the first look's answer to be told by it.
    await sleep(20)
    answer()
    expect(await late).toBe('changed')
    expect(await early).toBe('content')
  })

  it('is kept as a whole, whichever parts were asked for before', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const driver = fsDriver({ root })
    for (let turn = 0; turn < 3; turn++) {
      await (await driver.open('object'))?.read({ first: 2, last: 3 })
    }
    expect(await readText(driver, 'object')).toBe('content')
    expect(await readText(driver, 'object')).toBe('content')
  })

  it.each<Change>([
    ...REPLACEMENTS,
    [
      'edited in place, its time put back',
      (root: string) => {
        const { atime, mtime } = statSync(join(root, 'object'))
        writeFileSync(join(root, 'object'), 'changed')
        utimesSync(join(root, 'object'), atime, mtime)
      },
    ],
    ['made longer', (root: string) => writeFileSync(join(root, 'object'), 'changed', { flag: 'a' })],
  ])('is read again once it is %s', async (_, change) => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    const before = await driver.stat('object')
    expect(isKept).toBe(true)
    await change(root, 'changed')
    const text = readFileSync(join(root, 'object'), 'utf8')
    expect(text).not.toBe('content')
    expect(await readText(driver, 'object')).toBe(text)
    const stat = await driver.stat('object')
    expect(stat?.size).toBe(text.length)
    expect(stat?.etag).not.toBe(before?.etag)
  })

  it('is read again even where an edit puts size and time back to the nanosecond', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    expect(isKept).toBe(true)
    const mark = join(scratchFolder(), 'mark')
    execFileSync('touch', ['-r', join(root, 'object'), mark])
    writeFileSync(join(root, 'object'), 'changed')
    execFileSync('touch', ['-r', mark, join(root, 'object')])
    expect(await readText(driver, 'object')).toBe('changed')
  })

  it('is gone, and private, as soon as it is removed or made so by another process', async () => {
    const root = scratchFolder()
    const other = fsDriver({ root })
    await writeText(other, 'object', 'content', { visibility: 'public' })
    const { driver, isKept } = await driverThatKeeps(root, 'object')
    expect(isKept).toBe(true)
    await other.setVisibility?.('object', 'private')
    expect((await driver.stat('object'))?.visibility).toBe('private')
    const object = await driver.open('object')
    expect(object?.stat.visibility).toBe('private')
    await object?.close()
    unlinkSync(join(root, 'object'))
    expect(await driver.open('object')).toBeNull()
    expect(await driver.stat('object')).toBeNull()
  })

  it('leaves memory when this process writes or removes it', async () => {
    const root = scratchFolder()
    const { driver, isKept } = await (async () => {
      await writeText(fsDriver({ root }), 'object', 'content')
      return driverThatKeeps(root, 'object')
    })()
    expect(isKept).toBe(true)
    const looks = vi.spyOn(fs, 'stat')
    await writeText(driver, 'object', 'changed')
    expect(await readText(driver, 'object')).toBe('changed')
    expect(looks).not.toHaveBeenCalled()
    const again = await driverThatKeeps(root, 'object')
    await again.driver.delete('object')
    looks.mockClear()
    expect(await again.driver.stat('object')).toBeNull()
    expect(looks).not.toHaveBeenCalled()
  })

  it('is not sent where a link that was left for its folder leads out of the root, a second later', async () => {
    const [root, outside] = [scratchFolder(), scratchFolder()]
    mkdirSync(join(root, 'folder'))
    await writeText(fsDriver({ root }), 'folder/object', 'content')
    const { driver, isKept } = await driverThatKeeps(root, 'folder/object')
    expect(isKept).toBe(true)
    renameSync(join(root, 'folder'), join(outside, 'folder'))
    symlinkSync(join(outside, 'folder'), join(root, 'folder'))
    ahead += 1000
    expect(await driver.open('folder/object')).toBeNull()
  })

  it('is looked up again where the clock was put back', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const { driver } = await driverThatKeeps(root, 'object')
    ahead -= 5000
    const places = vi.spyOn(fs.realpath, 'native')
    for (let turn = 0; turn < 3; turn++) expect(await readText(driver, 'object')).toBe('content')
    expect(places).toHaveBeenCalledTimes(1)
  })

  it('is not kept while its time stamp is so young that it may not move', async () => {
    const root = scratchFolder()
    ahead = 0
    await writeText(fsDriver({ root }), 'object', 'content')
    expect((await driverThatKeeps(root, 'object')).isKept).toBe(false)
  })

  it.each([
    ['asked for once', 10, {}, 1],
    ['larger than the memory for them', 2000, { contentCacheSize: 2000 }, 3],
    ['where none is to be kept', 10, { contentCacheSize: 0 }, 3],
  ])('is not kept: %s', async (_, size, options, turns) => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'x'.repeat(size))
    const driver = fsDriver({ root, ...options })
    const kept = vi.spyOn(KnownObjects.prototype, 'set')
    for (let turn = 0; turn < turns; turn++) await readText(driver, 'object')
    expect(kept).not.toHaveBeenCalled()
  })

  it('is kept up to 64 KiB', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'x'.repeat(64 * 1024))
    expect((await driverThatKeeps(root, 'object')).isKept).toBe(true)
  })
})

describe('an object of any size', () => {
  async function driverThatKnows(root: string, key: string, options = {}) {
    const driver = fsDriver({ root, ...options })
    for (let turn = 0; turn < 2; turn++) await driver.stat(key)
    return driver
  }

  it('is asked about in one call, by all who ask in the same turn, once its metadata were asked for again', async () => {
    const root = scratchFolder()
    const { stat } = await writeText(fsDriver({ root }), 'a/object', 'x'.repeat(100_000))
    const driver = await driverThatKnows(root, 'a/object')
    const [looks, others] = [vi.spyOn(fs, 'stat'), vi.spyOn(fs, 'lstat')]
    const places = vi.spyOn(fs.realpath, 'native')
    const stats = await Promise.all([driver.stat('a/object'), driver.stat('a/object')])
    expect(stats).toEqual([stat, stat])
    expect([looks, others, places].map(countForObjects)).toEqual([1, 0, 0])
    expect(await readText(driver, 'a/object')).toHaveLength(100_000)
  })

  it('has the metadata of the file that is there, however it came to be', async () => {
    const root = scratchFolder()
    const { stat } = await writeText(fsDriver({ root }), 'object', 'content', { visibility: 'public' })
    const driver = await driverThatKnows(root, 'object')
    await fsDriver({ root }).setVisibility?.('object', 'private')
    expect(await driver.stat('object')).toEqual({ ...stat, visibility: 'private' })
    writeFileSync(join(root, 'object'), 'edited')
    expect(await driver.stat('object')).toMatchObject({ size: 6, visibility: 'private' })
    expect((await driver.stat('object'))?.etag).not.toBe(stat.etag)
    unlinkSync(join(root, 'object'))
    expect(await driver.stat('object')).toBeNull()
  })

  it('is sent as it is, and kept with its bytes, when it was only asked about before', async () => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const driver = await driverThatKnows(root, 'object')
    const opens = vi.spyOn(fs, 'open')
    for (let turn = 0; turn < 3; turn++) expect(await readText(driver, 'object')).toBe('content')
    expect(opens).toHaveBeenCalledTimes(1)
  })

  it.each<[string, () => void, object?]>([
    [
      'while its time stamp is so young that it may not move',
      () => {
        ahead = 0
      },
    ],
    [
      'where its file system cannot tell of every change',
      () => {
        vi.spyOn(KnownObjects.prototype, 'takes').mockReturnValue(false)
      },
    ],
    ['where none is to be kept', () => {}, { contentCacheSize: 0 }],
  ])('is looked up each time %s', async (_, prepare, options = {}) => {
    prepare()
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    const driver = await driverThatKnows(root, 'object', options)
    const places = vi.spyOn(fs.realpath, 'native')
    await driver.stat('object')
    expect(places).toHaveBeenCalledTimes(1)
  })
})

describe('the memory for objects', () => {
  const DEVICE = 7n
  const entry = (size: number, dev = DEVICE) =>
    ({ bytes: new Uint8Array(size), file: { dev, size: BigInt(size) } }) as KnownObject

  it('has the last used ones, and no more bytes than it may', () => {
    const small = new KnownObjects(3 * 1024 + 42, DEVICE)
    for (const key of ['a', 'b', 'c']) small.set(key, entry(10))
    expect(small.get('a')).toBeDefined()
    small.set('d', entry(10))
    expect(['a', 'b', 'c', 'd'].map((key) => small.get(key) !== undefined)).toEqual([true, false, true, true])
    small.set('e', entry(1024))
    expect(['a', 'c', 'd', 'e'].map((key) => small.get(key) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('gives room back for what is forgotten or replaced', () => {
    const small = new KnownObjects(3 * 1024 + 12, DEVICE)
    for (let turn = 0; turn < 10; turn++) small.set('a', entry(100))
    small.set('b', entry(100))
    expect(small.get('a')).toBeDefined()
    small.forget('a')
    small.set('c', entry(900))
    expect(small.get('b')).toBeDefined()
  })

  it('counts long keys', () => {
    const small = new KnownObjects(20_000, DEVICE)
    for (let at = 0; at < 100; at++) small.set(`${'k'.repeat(1000)}${at}`, entry(0))
    const kept = Array.from({ length: 100 }, (_, at) => small.get(`${'k'.repeat(1000)}${at}`))
    expect(kept.filter((each) => each !== undefined)).toHaveLength(3)
  })

  it('takes files of its device alone, and none without one', () => {
    expect(new KnownObjects(10_000, DEVICE).takes(entry(10).file, 10)).toBe(true)
    expect(new KnownObjects(10_000, DEVICE).takes(entry(10, 8n).file, 10)).toBe(false)
    expect(new KnownObjects(10_000, undefined).takes(entry(10).file, 10)).toBe(false)
  })
})

describe('a file system', () => {
  it('counts as local only where a stat tells of every change', async () => {
    const [ext4, nfs, cifs, fuse, ninep, proc] = [0xef53, 0x6969, 0xff534d42, 0x65735546, 0x01021997, 0x9fa0]
    expect([ext4, nfs, cifs, fuse, ninep, proc].map((type) => isLocal(type ?? 0))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ])
    expect(await localDevice('/proc')).toBeUndefined()
    expect(await localDevice('/nowhere')).toBeUndefined()
  })

  it.each(['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'])(
    'has a file that is another one by its %s',
    (name) => {
      const file = { dev: 1n, ino: 1n, size: 2n, mtimeNs: 3n, ctimeNs: 4n } as fs.BigIntStats
      expect(isSameFile(file, { ...file } as fs.BigIntStats)).toBe(true)
      expect(isSameFile(file, { ...file, [name]: 9n } as fs.BigIntStats)).toBe(false)
    },
  )
})
