import { execFileSync } from 'node:child_process'
import fs, {
  cpSync,
  existsSync,
  linkSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nameHash } from '../src/fs/sidecar.js'
import { SidecarCache } from '../src/fs/sidecar-cache.js'
import { expectNothingLeft, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

const PUBLIC = { visibility: 'public', cacheControlMaxAge: 60 } as const

afterEach(() => {
  vi.restoreAllMocks()
})

/** Lets the driver take everything for old enough to be remembered. */
function letTimePass() {
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 10_000)
}

describe('a file that came from elsewhere', () => {
  it('is a private object without a type', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    writeFileSync(join(root, 'foreign.html'), 'content')
    const stat = await driver.stat('foreign.html')
    expect(stat).toMatchObject({ size: 7, visibility: 'private' })
    expect(stat).not.toHaveProperty('contentType')
    expect(stat?.etag).toMatch(/^"[\w-]+"$/)
    expect(await driver.stat('foreign.html')).toEqual(stat)
    expect(await readText(driver, 'foreign.html')).toBe('content')
  })

  it('can be matched, replaced and removed', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    writeFileSync(join(root, 'foreign'), 'content')
    const etag = (await driver.stat('foreign'))?.etag ?? ''
    const written = await writeText(driver, 'foreign', 'new', {
      precondition: { type: 'match', etags: [etag] },
    })
    expect(written.created).toBe(false)
    writeFileSync(join(root, 'second'), 'content')
    expect(await driver.delete('second')).toBe(true)
    await expectNothingLeft(root)
  })

  it.each(['fresh', 'remembered'])(
    'never takes over the metadata of the object in whose place it is (%s)',
    async (state) => {
      const root = scratchFolder()
      const driver = fsDriver({ root })
      if (state === 'remembered') letTimePass()
      const edits: Record<string, (path: string) => void> = {
        'edited in place': (path) => writeFileSync(path, 'evil one'),
        'edited in place, to another size': (path) => writeFileSync(path, 'evil'),
        'edited in place, with its time put back': (path) => {
          const { atime, mtime } = statSync(path)
          writeFileSync(path, 'evil two')
          utimesSync(path, atime, mtime)
        },
        'moved over it': (path) => {
          writeFileSync(`${path}.new`, 'evil one')
          renameSync(`${path}.new`, path)
        },
        'made anew': (path) => {
          unlinkSync(path)
          writeFileSync(path, 'evil one')
        },
        'moved over it, with its time': (path) => {
          writeFileSync(`${path}.new`, 'evil one')
          // To the nanosecond, unlike utimes.
          execFileSync('touch', ['-r', path, `${path}.new`])
          renameSync(`${path}.new`, path)
        },
      }
      for (const [how, edit] of Object.entries(edits)) {
        const { stat } = await writeText(driver, how, 'good one', PUBLIC)
        expect(await driver.stat(how)).toEqual(stat)
        await new Promise((go) => setTimeout(go, 20))
        edit(join(root, how))
        const now = await driver.stat(how)
        expect(now, how).toMatchObject({ visibility: 'private' })
        expect(now, how).not.toHaveProperty('contentType')
        expect(now?.etag, how).not.toBe(stat.etag)
        expect(now, how).toEqual(await fsDriver({ root }).stat(how))
      }
    },
  )

  it('has another ETag after every edit', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const etags = new Set<string | undefined>()
    for (const content of ['one', 'two', 'six']) {
      writeFileSync(join(root, 'edited'), content)
      utimesSync(join(root, 'edited'), 0, 1_000_000)
      etags.add((await driver.stat('edited'))?.etag)
      await new Promise((go) => setTimeout(go, 20))
    }
    expect(etags.size).toBe(3)
  })

  it('is private where a tree was copied, and so lost which file is which', async () => {
    const [root, copy] = [scratchFolder(), scratchFolder()]
    await writeText(fsDriver({ root }), 'shown.txt', 'content', PUBLIC)
    cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    const driver = fsDriver({ root: copy })
    expect(await driver.stat('shown.txt')).toMatchObject({ size: 7, visibility: 'private' })
    expect(await readText(driver, 'shown.txt')).toBe('content')
  })

  it('does not bring its metadata along when it is linked to another key', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'shown', 'content', PUBLIC)
    linkSync(join(root, 'shown'), join(root, 'other'))
    expect(await driver.stat('other')).toMatchObject({ visibility: 'private' })
    expect(await driver.stat('shown')).toMatchObject({ visibility: 'public' })
  })
})

describe('a version', () => {
  it('is told by its size as well: an edit that puts the time back to the nanosecond', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'content', PUBLIC)
    const path = join(root, 'object')
    const mark = join(scratchFolder(), 'mark')
    execFileSync('touch', ['-r', path, mark])
    writeFileSync(path, 'longer content')
    execFileSync('touch', ['-r', mark, path])
    expect(await driver.stat('object')).toMatchObject({ size: 14, visibility: 'private' })
  })

  it('is remembered under its ctime too, as an inode number, size and time can all come again', () => {
    const cache = new SidecarCache(10)
    const sidecar = { name: 'a', version: 'v', contentType: 'a/b', visibility: 'public' } as const
    const file = { ino: 1n, size: 2n, mtimeNs: 3n, ctimeNs: 4n } as fs.BigIntStats
    cache.set('a', file, sidecar, 1_000_000)
    expect(cache.get('a', file)).toBe(sidecar)
    for (const change of [{ ino: 9n }, { size: 9n }, { mtimeNs: 9n }, { ctimeNs: 9n }]) {
      expect(cache.get('a', { ...file, ...change } as fs.BigIntStats)).toBeUndefined()
    }
  })
})

describe('metadata', () => {
  it('are read once and remembered, until the object changes', async () => {
    const root = scratchFolder()
    const [driver, other] = [fsDriver({ root }), fsDriver({ root })]
    const first = await writeText(driver, 'object', 'one', PUBLIC)
    letTimePass()
    await driver.stat('object')
    const reads = vi.spyOn(fs, 'readFile')
    expect(await driver.stat('object')).toEqual(first.stat)
    const object = await driver.open('object')
    expect(object?.stat).toEqual(first.stat)
    await object?.close()
    expect(reads).not.toHaveBeenCalled()
    const second = await writeText(other, 'object', 'two')
    expect(await driver.stat('object')).toEqual(second.stat)
  })

  it('are not remembered of a file so young that its clock may not have ticked since', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'one', PUBLIC)
    await driver.stat('object')
    const reads = vi.spyOn(fs, 'readFile')
    await driver.stat('object')
    expect(reads).toHaveBeenCalledTimes(1)
  })

  it('are remembered for as many objects as the option says, the last used ones', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root, metadataCacheSize: 2 })
    for (const key of ['a', 'b', 'c']) await writeText(driver, key, key)
    letTimePass()
    for (const key of ['a', 'b', 'a', 'c']) await driver.stat(key)
    const reads = vi.spyOn(fs, 'readFile')
    await driver.stat('a')
    await driver.stat('c')
    expect(reads).not.toHaveBeenCalled()
    await driver.stat('b')
    expect(reads).toHaveBeenCalledTimes(1)
  })

  it('found missing since the version was replaced are those of the next version', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root, metadataCacheSize: 0 })
    await writeText(driver, 'object', 'old!', PUBLIC)
    const readFile = fs.readFile
    let replaced = false
    // The moment between a reader's open and its look for the sidecar.
    vi.spyOn(fs, 'readFile').mockImplementation(((...args: Parameters<typeof readFile>) => {
      if (replaced) return readFile(...args)
      replaced = true
      writeText(driver, 'object', 'new!', { ...PUBLIC, contentType: 'text/x-new' }).then(() =>
        readFile(...args),
      )
    }) as typeof readFile)
    const object = await driver.open('object')
    expect(replaced).toBe(true)
    expect(object?.stat).toMatchObject({ contentType: 'text/x-new', visibility: 'public' })
    expect(Buffer.from((await object?.read()) as Uint8Array).toString()).toBe('new!')
    await expectNothingLeft(root)
  })

  it('are there before the file is', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'warm', 'x')
    const shard = join(root, '.latchkey/meta', nameHash('object').slice(0, 2))
    const link = fs.link
    let sidecars: string[] = []
    vi.spyOn(fs, 'link').mockImplementation(((...args: Parameters<typeof link>) => {
      sidecars = existsSync(shard) ? readdirSync(shard) : []
      link(...args)
    }) as typeof link)
    await writeText(driver, 'object', 'x')
    expect(sidecars).toHaveLength(1)
  })

  it('that were half written are as none', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'content', PUBLIC)
    const shard = join(root, '.latchkey/meta', nameHash('object').slice(0, 2))
    const path = join(shard, readdirSync(shard)[0] ?? '')
    for (const torn of [
      '',
      '{"name":"object","version":"v","contentType":"a/b","visibi',
      '{}',
      'null',
      '[]',
    ]) {
      writeFileSync(path, torn)
      expect(await driver.stat('object'), torn).toMatchObject({ size: 7, visibility: 'private' })
    }
  })
})
