import fs, {
  chmodSync,
  linkSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { breakNthCall } from './break-nth-call.js'
import { expectNothingLeft, openFilesIn, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Lets the driver take everything for old enough to be remembered. */
function letTimePass() {
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 10_000)
}

function failure(errno: string) {
  return Object.assign(new Error(errno), { code: errno, syscall: 'injected' })
}

describe('a flip of the visibility', () => {
  it('keeps ETag, time, mode and the bytes on the disk', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const { stat } = await writeText(driver, 'a/object', 'content', { cacheControlMaxAge: 60 })
    const before = statSync(join(root, 'a/object'))
    expect(await driver.setVisibility?.('a/object', 'public')).toBe(true)
    expect(await driver.stat('a/object')).toEqual({ ...stat, visibility: 'public' })
    expect(statSync(join(root, 'a/object'))).toMatchObject({
      ino: before.ino,
      mode: before.mode,
      mtimeMs: before.mtimeMs,
    })
  })

  it('is seen by a driver that remembers the object', async () => {
    const root = scratchFolder()
    const [driver, other] = [fsDriver({ root }), fsDriver({ root })]
    await writeText(driver, 'object', 'content')
    letTimePass()
    for (const visibility of ['public', 'private', 'public'] as const) {
      for (const each of [driver, other]) await each.stat('object')
      await driver.setVisibility?.('object', visibility)
      for (const each of [driver, other]) {
        expect(await each.stat('object')).toMatchObject({ visibility })
        const object = await each.open('object')
        expect(object?.stat).toMatchObject({ visibility })
        await object?.close()
      }
      // As far apart as the clock of the file system needs to tell two changes apart.
      await new Promise((go) => setTimeout(go, 20))
    }
  })

  it('is seen by a driver that remembers the object, though who made it died before it was done', async () => {
    const root = scratchFolder()
    const [driver, other] = [fsDriver({ root }), fsDriver({ root })]
    await writeText(driver, 'object', 'content', { visibility: 'public' })
    letTimePass()
    await other.stat('object')
    const fchmod = vi.spyOn(fs, 'fchmod').mockImplementation((() => {}) as never)
    void driver.setVisibility?.('object', 'private')
    await vi.waitFor(() => expect(fchmod).toHaveBeenCalled())
    fchmod.mockRestore()
    const lock = join(root, '.latchkey/locks', readdirSync(join(root, '.latchkey/locks'))[0] ?? '')
    unlinkSync(lock)
    expect(await other.stat('object')).toMatchObject({ visibility: 'public' })
    await fsDriver({ root }).setVisibility?.('object', 'private')
    expect(await other.stat('object')).toMatchObject({ visibility: 'private' })
  })

  it('is done to a file that came from elsewhere, until that is edited', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    writeFileSync(join(root, 'foreign.txt'), 'content')
    const before = await driver.stat('foreign.txt')
    expect(await driver.setVisibility?.('foreign.txt', 'private')).toBe(true)
    expect(await driver.stat('foreign.txt')).toEqual(before)
    const shards = readdirSync(join(root, '.latchkey/meta')).filter((entry) => entry !== 'swept')
    expect(shards, 'nothing is written').toEqual([])
    expect(await driver.setVisibility?.('foreign.txt', 'public')).toBe(true)
    expect(await driver.stat('foreign.txt')).toEqual({ ...before, visibility: 'public' })
    expect(await driver.setVisibility?.('foreign.txt', 'private')).toBe(true)
    expect(await driver.stat('foreign.txt')).toEqual(before)
    await driver.setVisibility?.('foreign.txt', 'public')
    await new Promise((go) => setTimeout(go, 20))
    writeFileSync(join(root, 'foreign.txt'), 'changed')
    expect(await driver.stat('foreign.txt')).toMatchObject({ visibility: 'private' })
    expect(await readText(driver, 'foreign.txt')).toBe('changed')
  })

  it('through a link is that of the object it leads to, and never leads out of the root', async () => {
    const root = scratchFolder()
    const outside = join(scratchFolder(), 'outside')
    writeFileSync(outside, 'x')
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'content')
    symlinkSync('object', join(root, 'link'))
    symlinkSync(outside, join(root, 'out'))
    expect(await driver.setVisibility?.('link', 'public')).toBe(true)
    expect(await driver.stat('object')).toMatchObject({ visibility: 'public' })
    expect(await driver.setVisibility?.('out', 'public')).toBe(false)
    linkSync(join(root, 'object'), join(root, 'second'))
    expect(await driver.stat('second')).toMatchObject({ visibility: 'private' })
  })

  it('refuses keys that no file can have', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    for (const key of ['../a', '.latchkey/tmp', 'a//b', '']) {
      await expect(driver.setVisibility?.(key, 'public')).rejects.toMatchObject({ code: 'invalid_key' })
    }
  })

  it('that fails at any call leaves the visibility that was there, and can be done again', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const kinds = {
      written: async () => {
        await writeText(driver, 'object', 'content', { contentType: 'text/x-kept' })
      },
      foreign: async () => writeFileSync(join(root, 'object'), 'content'),
    }
    for (const [kind, make] of Object.entries(kinds)) {
      for (let nth = 1; ; nth++) {
        await driver.delete('object')
        await make()
        const before = await driver.stat('object')
        const broken = breakNthCall(fs, nth, () => failure('EIO'))
        const outcome = await Promise.resolve(driver.setVisibility?.('object', 'public')).then(
          () => 'done',
          (error) => error.code,
        )
        broken.restore()
        if (broken.calls() < nth) {
          expect(outcome).toBe('done')
          expect(nth, kind).toBeGreaterThan(4)
          break
        }
        // The removal of a lock or of what is in the way may fail without harm.
        if (outcome !== 'done') {
          expect(outcome, `${kind}, call ${nth}`).toBe('storage_unavailable')
          expect(await driver.stat('object'), `${kind}, call ${nth}`).toEqual(before)
        }
        expect(await driver.setVisibility?.('object', 'public')).toBe(true)
        expect(await driver.stat('object')).toEqual({ ...before, visibility: 'public' })
        expect(openFilesIn(root)).toEqual([])
        await expectNothingLeft(root)
      }
    }
  })

  it('is taken back where remembering processes could not be told', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    writeFileSync(join(root, 'foreign'), 'x')
    await writeText(driver, 'written', 'x')
    for (const key of ['foreign', 'written']) {
      const before = await driver.stat(key)
      const fchmod = vi
        .spyOn(fs, 'fchmod')
        .mockImplementation(((...args: unknown[]) =>
          (args.at(-1) as (error: Error) => void)(failure('EIO'))) as never)
      await expect(driver.setVisibility?.(key, 'public')).rejects.toMatchObject({
        code: 'storage_unavailable',
      })
      fchmod.mockRestore()
      expect(await driver.stat(key)).toEqual(before)
    }
  })

  it('is told to remembering processes where the file is another user’s', async () => {
    const root = scratchFolder()
    const [driver, other] = [fsDriver({ root }), fsDriver({ root })]
    await writeText(driver, 'object', 'x', { visibility: 'public' })
    letTimePass()
    await other.stat('object')
    vi.spyOn(fs, 'fchmod').mockImplementation(((...args: unknown[]) =>
      (args.at(-1) as (error: Error) => void)(failure('EPERM'))) as never)
    expect(await driver.setVisibility?.('object', 'private')).toBe(true)
    expect(await other.stat('object')).toMatchObject({ visibility: 'private' })
    await expectNothingLeft(root)
  })

  it('of a root that is only readable is storage_denied', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'x')
    vi.spyOn(fs, 'rename').mockImplementation(((...args: unknown[]) =>
      (args.at(-1) as (error: Error) => void)(failure('EROFS'))) as never)
    await expect(driver.setVisibility?.('object', 'public')).rejects.toMatchObject({ code: 'storage_denied' })
    vi.restoreAllMocks()
    expect(await driver.stat('object')).toMatchObject({ visibility: 'private' })
    chmodSync(join(root, 'object'), 0o640)
    await expectNothingLeft(root)
  })
})
