import { execFileSync } from 'node:child_process'
import fs, { chmodSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest'
import { runChild, useChildScript } from './child-process.js'
import { type FsCall, failing } from './failing.js'
import { expectNothingLeft, leftoversIn, openFilesIn, scratchFolder } from './fs-context.js'
import { runDriverCases } from './run-driver-cases.js'
import { readText, writeText } from './texts.js'
import { unable } from './unable.js'

const script = useChildScript()

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a disk without room', () => {
  function smallDisk(test: TestContext, size: string): string {
    const root = scratchFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', root], { stdio: 'pipe' })
    } catch (error) {
      unable(test, `no small file system can be mounted: ${(error as Error).message.split('\n').at(-2)}`)
    }
    onTestFinished(() => {
      execFileSync('umount', ['-l', root])
    })
    return root
  }

  it('is storage_full, leaves the old object, and works again when there is room', async (test) => {
    const root = smallDisk(test, '2m')
    const driver = fsDriver({ root })
    const { stat } = await writeText(driver, 'object', 'old')
    await expect(writeText(driver, 'object', 'x'.repeat(3_000_000))).rejects.toMatchObject({
      code: 'storage_full',
    })
    await expect(writeText(driver, 'new/one', 'x'.repeat(3_000_000))).rejects.toMatchObject({
      code: 'storage_full',
    })
    expect(await driver.stat('object')).toEqual(stat)
    await expectNothingLeft(root)
    await writeText(driver, 'object', 'x'.repeat(1_000_000))
  })

  it('refuses an upload that announces too much before its first byte', async (test) => {
    const root = smallDisk(test, '10m')
    let begun = false
    async function* body() {
      begun = true
      yield Buffer.from('x')
    }
    const options = { contentType: 'text/plain', visibility: 'private', size: 12_000_000 } as const
    const error = await fsDriver({ root })
      .write('large', body(), options)
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(LatchkeyError)
    expect(error.code).toBe('storage_full')
    expect(begun).toBe(false)
  })

  it('fails a write at once, not when the next chunk comes', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'warm', 'x')
    failing('writev', 'ENOSPC')
    async function* body() {
      yield Buffer.alloc(1_100_000)
      await new Promise(() => {})
    }
    const writing = driver.write('stuck', body(), { contentType: 'text/plain', visibility: 'private' })
    await expect(writing).rejects.toMatchObject({ code: 'storage_full' })
    await expectNothingLeft(root)
  })
})

describe('a process that may not', () => {
  it('is storage_denied, with what to do', async (test) => {
    if (process.getuid?.() !== 0) unable(test, 'only root can run a child as somebody else')
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'secret', 'x')
    chmodSync(root, 0o755)
    chmodSync(join(root, 'secret'), 0o600)
    // The child's script and its own folders must be open to it.
    chmodSync(join(script(), '..'), 0o755)
    const codes = await runChild<Record<string, string>>(script(), { type: 'as-nobody', root })
    expect(codes).toEqual({
      stat: 'ok',
      open: 'storage_denied',
      write: 'storage_denied',
      delete: 'storage_denied',
    })
  })

  it('can read a root that it cannot write', async (test) => {
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'object', 'content')
    await new Promise((go) => setTimeout(go, 300))
    try {
      execFileSync('mount', ['--bind', root, root], { stdio: 'pipe' })
      onTestFinished(() => {
        execFileSync('umount', ['-l', root])
      })
      execFileSync('mount', ['-o', 'remount,ro,bind', root], { stdio: 'pipe' })
    } catch (error) {
      unable(test, `nothing can be mounted read-only: ${error}`)
    }
    const driver = fsDriver({ root })
    expect(await readText(driver, 'object')).toBe('content')
    expect(await driver.stat('object')).toMatchObject({ contentType: 'text/plain' })
    await expect(writeText(driver, 'object', 'x')).rejects.toMatchObject({ code: 'storage_denied' })
    await expect(writeText(driver, 'new', 'x')).rejects.toThrow(/read-only/)
    await expect(driver.delete('object')).rejects.toMatchObject({ code: 'storage_denied' })
  })
})

describe('a process out of handles', () => {
  it('is storage_unavailable, and works again when there are some', async () => {
    const root = scratchFolder()
    const result = await runChild(script(), { type: 'out-of-handles', root }, 'ulimit -n 128; exec "$0" "$@"')
    expect(result).toEqual({ open: 'storage_unavailable', write: 'storage_unavailable', after: 'content' })
    await expectNothingLeft(root)
  })
})

describe('a root', () => {
  it('that is a file is told as such', async () => {
    const root = join(scratchFolder(), 'file')
    writeFileSync(root, 'x')
    for (const each of [root, join(root, 'below')]) {
      const driver = fsDriver({ root: each })
      for (const call of [
        driver.stat('a'),
        driver.open('a'),
        writeText(driver, 'a', 'x'),
        driver.delete('a'),
      ]) {
        await expect(call).rejects.toMatchObject({
          code: 'storage_unavailable',
          message: expect.stringContaining('folder'),
        })
      }
    }
  })

  it('that is missing is made', async () => {
    const root = join(scratchFolder(), 'a/b')
    await writeText(fsDriver({ root }), 'object', 'x')
    expect(readdirSync(root).sort()).toEqual(['.latchkey', 'object'])
  })

  it('that could not be made is tried again', async () => {
    const root = join(scratchFolder(), 'late')
    writeFileSync(root, 'in the way')
    const driver = fsDriver({ root })
    await expect(driver.stat('a')).rejects.toMatchObject({ code: 'storage_unavailable' })
    rmSync(root)
    await writeText(driver, 'a', 'x')
    expect(await readText(driver, 'a')).toBe('x')
  })

  it('may be a link', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'real'))
    fs.symlinkSync('real', join(folder, 'link'))
    const driver = fsDriver({ root: join(folder, 'link') })
    await writeText(driver, 'a/b', 'x')
    expect(await readText(driver, 'a/b')).toBe('x')
    expect(readdirSync(join(folder, 'real')).sort()).toEqual(['.latchkey', 'a'])
  })

  it('holds files for the group and not for others', async () => {
    const umask = process.umask(0)
    onTestFinished(() => {
      process.umask(umask)
    })
    const root = scratchFolder()
    await writeText(fsDriver({ root }), 'a/b', 'x')
    expect(statSync(join(root, 'a/b')).mode & 0o777).toBe(0o640)
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o750)
    expect(statSync(join(root, '.latchkey')).mode & 0o777).toBe(0o750)
  })
})

describe('options out of their bounds', () => {
  it.each([
    { root: '' },
    { root: 'a\0b' },
    { root: 'x', tempMaxAge: 59 },
    { root: 'x', tempMaxAge: Number.NaN },
    { root: 'x', fileMode: 0o440 },
    { root: 'x', folderMode: 0o600 },
    { root: 'x', fileMode: 0o10_600 },
    { root: 'x', metadataCacheSize: -1 },
    { root: 'x', metadataCacheSize: 1.5 },
    { root: 'x', contentCacheSize: -1 },
    { root: 'x', contentCacheSize: 1.5 },
  ])('are refused: %j', (options) => {
    expect(() => fsDriver(options)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})

describe('a file cut short while it is read', () => {
  it.each([1000, 1_000_000])('breaks the reading of %i bytes', async (size) => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'cut', 'x'.repeat(size))
    const object = await driver.open('cut')
    truncateSync(join(root, 'cut'), size - 1)
    const reading = async () => {
      const body = (await object?.read()) ?? new Uint8Array()
      if (!(body instanceof Uint8Array)) for await (const _ of body);
    }
    await expect(reading()).rejects.toMatchObject({ code: 'storage_unavailable', message: /cut short/ })
    await expect.poll(() => openFilesIn(root)).toEqual([])
  })

  it('never shows what was appended', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    for (const size of [10, 600_000]) {
      await writeText(driver, 'grown', 'x'.repeat(size))
      const object = await driver.open('grown')
      fs.appendFileSync(join(root, 'grown'), 'more')
      const body = (await object?.read()) ?? new Uint8Array()
      let seen = 0
      if (body instanceof Uint8Array) seen = body.byteLength
      else for await (const chunk of body) seen += chunk.byteLength
      expect(seen).toBe(size)
    }
  })

  it('is read once, inside its bounds', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'content')
    const object = await driver.open('object')
    await object?.read()
    expect(() => object?.read()).toThrow(/once/)
    for (const range of [
      { first: 0, last: 7 },
      { first: -1, last: 3 },
      { first: 5, last: 3 },
    ]) {
      const again = await driver.open('object')
      expect(() => again?.read(range)).toThrow(RangeError)
    }
    await expect.poll(() => openFilesIn(root)).toEqual([])
  })
})

describe('a call that fails', () => {
  const outcomes: [FsCall, string, string][] = [
    ['open', 'EMFILE', 'storage_unavailable'],
    ['writev', 'ENOSPC', 'storage_full'],
    ['writev', 'EDQUOT', 'storage_full'],
    ['writev', 'EIO', 'storage_unavailable'],
    ['fstat', 'EIO', 'storage_unavailable'],
    ['close', 'EDQUOT', 'storage_full'],
    ['writeFile', 'ENOSPC', 'storage_full'],
    ['rename', 'EACCES', 'storage_denied'],
    ['rename', 'EROFS', 'storage_denied'],
    ['rename', 'EXDEV', 'storage_unavailable'],
    ['symlink', 'ENOSPC', 'storage_full'],
  ]
  it.each(outcomes)('%s, %s: a write is %s and leaves the old object alone', async (call, errno, code) => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const { stat } = await writeText(driver, 'object', 'old', { visibility: 'public' })
    const closeOriginal = fs.close
    const spy = failing(call, errno, call === 'open' ? (path) => String(path).includes('tmp') : undefined)
    if (call === 'close') {
      // The handle is gone all the same, as with a real failure.
      spy.mockImplementation(((fd: number, done: (error: Error | null) => void) =>
        closeOriginal(fd, () =>
          done(Object.assign(new Error(errno), { code: errno, syscall: 'close' })),
        )) as never)
    }
    const error = await writeText(driver, 'object', 'new').catch((reason) => reason)
    spy.mockRestore()
    expect(error).toBeInstanceOf(LatchkeyError)
    expect(error.code).toBe(code)
    expect(error.cause).toMatchObject({ code: errno })
    expect(await driver.stat('object')).toEqual(stat)
    expect(await readText(driver, 'object')).toBe('old')
    await expectNothingLeft(root)
  })

  it('while its sidecar is being written leaves no sidecar', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const { stat } = await writeText(driver, 'object', 'old')
    const { writeFile, close } = fs
    vi.spyOn(fs, 'writeFile').mockImplementation(((...args: unknown[]) =>
      setTimeout(() => Reflect.apply(writeFile, fs, args), 50)) as never)
    vi.spyOn(fs, 'close').mockImplementation(((fd: number, done: (error: Error | null) => void) =>
      close(fd, () =>
        done(Object.assign(new Error('EDQUOT'), { code: 'EDQUOT', syscall: 'close' })),
      )) as never)
    await expect(writeText(driver, 'object', 'new')).rejects.toMatchObject({ code: 'storage_full' })
    vi.restoreAllMocks()
    await new Promise((go) => setTimeout(go, 100))
    expect(await driver.stat('object')).toEqual(stat)
    await expectNothingLeft(root)
  })

  it.each(['ENOTDIR', 'EEXIST', 'ENOENT'])(
    'as %s because its folder was pruned meanwhile is tried again',
    async (errno) => {
      const root = scratchFolder()
      const driver = fsDriver({ root })
      await writeText(driver, 'warm', 'x')
      const mkdir = fs.mkdir
      let failures = 3
      vi.spyOn(fs, 'mkdir').mockImplementation(((...args: unknown[]) => {
        const done = args.at(-1) as (error: Error) => void
        if (!String(args[0]).endsWith('/made') || failures-- <= 0) return Reflect.apply(mkdir, fs, args)
        setImmediate(() => done(Object.assign(new Error(errno), { code: errno, syscall: 'mkdir' })))
      }) as never)
      await writeText(driver, 'made/object', 'x')
      expect(failures).toBeLessThan(0)
      expect(await readText(driver, 'made/object')).toBe('x')
    },
  )

  it('while folders were made for it leaves none of them', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'warm', 'x')
    const link = fs.link
    let calls = 0
    vi.spyOn(fs, 'link').mockImplementation(((
      from: string,
      to: string,
      done: (error: Error | null) => void,
    ) => {
      calls++
      if (calls === 1) link(from, to, done)
      else done(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'link' }))
    }) as never)
    await expect(writeText(driver, 'made/for/it', 'x')).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(calls).toBe(2)
    expect(readdirSync(root).sort()).toEqual(['.latchkey', 'warm'])
  })

  it('of a read closes what it opened', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root, metadataCacheSize: 0 })
    await writeText(driver, 'object', 'x'.repeat(100_000))
    for (const call of ['fstat', 'read'] as const) {
      const spy = failing(call, 'EIO')
      const reading = async () => {
        const body = await (await driver.open('object'))?.read()
        if (body && !(body instanceof Uint8Array)) for await (const _ of body);
      }
      await expect(reading()).rejects.toMatchObject({ code: 'storage_unavailable' })
      spy.mockRestore()
    }
    const spy = vi
      .spyOn(fs, 'readFile')
      .mockImplementation(((_path: string, _encoding: string, done: (e: Error) => void) =>
        done(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'open' }))) as never)
    await expect(driver.open('object')).rejects.toMatchObject({ code: 'storage_unavailable' })
    spy.mockRestore()
    await expect.poll(() => openFilesIn(root)).toEqual([])
  })
})

describe('a network file system', () => {
  it('may answer that a link is there already, having just made it', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'warm', 'x')
    const link = fs.link
    vi.spyOn(fs, 'link').mockImplementation(((from: string, to: string, done: (error: Error) => void) =>
      link(from, to, () =>
        done(Object.assign(new Error('EEXIST'), { code: 'EEXIST', syscall: 'link' })),
      )) as never)
    const written = await writeText(driver, 'object', 'new', { precondition: { type: 'absent' } })
    expect(await driver.stat('object')).toEqual(written.stat)
    await expect(
      writeText(driver, 'object', 'x', { precondition: { type: 'absent' } }),
    ).rejects.toMatchObject({
      code: 'exists',
    })
    await expectNothingLeft(root)
  })
})

describe('a deleted object', () => {
  it('is held open until its sidecar is gone, so that its inode number is not given to another', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'x')
    const unlink = fs.unlink
    const open: string[][] = []
    vi.spyOn(fs, 'unlink').mockImplementation(((path: string, done: () => void) => {
      if (/meta/.test(path)) open.push(openFilesIn(root))
      unlink(path, done)
    }) as never)
    await driver.delete('object')
    expect(open).toEqual([[`open ${join(root, 'object')} (deleted)`]])
  })
})

describe('a partial write', () => {
  it('goes on where it stopped', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    const writev = fs.writev
    vi.spyOn(fs, 'writev').mockImplementation(((
      fd: number,
      buffers: Uint8Array[],
      at: number,
      done: () => void,
    ) => writev(fd, [buffers[0]?.subarray(0, 7000) ?? new Uint8Array()], at, done)) as never)
    const parts = Array.from({ length: 40 }, (_, at) => Buffer.alloc(5000 + at * 100, 65 + at))
    async function* body() {
      yield* parts
    }
    await driver.write('partial', body(), { contentType: 'text/plain', visibility: 'private' })
    expect(await readText(driver, 'partial')).toBe(Buffer.concat(parts).toString())
  })
})

describe('fsDriver where there are no links keeps the contract', () => {
  runDriverCases(async () => {
    failing('link', 'EPERM')
    failing('symlink', 'EPERM')
    const root = scratchFolder()
    return {
      driver: fsDriver({ root }),
      reopen: async () => fsDriver({ root }),
      leftovers: async () => leftoversIn(root),
    }
  })
})
