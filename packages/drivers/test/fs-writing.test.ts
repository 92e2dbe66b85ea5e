import fs, { readlinkSync } from 'node:fs'
import { RELEASE } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectNothingLeft, scratchFolder } from './fs-context.js'
import { writeText } from './texts.js'

const PRIVATE = { contentType: 'text/plain', visibility: 'private' } as const
const MIB = 1024 * 1024
const BATCH_BYTES = MIB

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an upload', () => {
  it('is received while it is written, and never far ahead of the disk', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    await writeText(driver, 'warm', 'x')
    let taken = 0
    let written = 0
    let ahead = 0
    const writev = fs.writev
    vi.spyOn(fs, 'writev').mockImplementation(((
      fd: number,
      buffers: Uint8Array[],
      position: number,
      done: (error: Error | null, count: number) => void,
    ) =>
      setTimeout(() => {
        writev(fd, buffers, position, (error, count) => {
          written += count
          done(error, count)
        })
      }, 20)) as never)
    async function* body() {
      for (let at = 0; at < 160; at++) {
        yield new Uint8Array(64 * 1024)
        taken += 64 * 1024
        ahead = Math.max(ahead, taken - written)
      }
    }
    const { stat } = await driver.write('large', body(), PRIVATE)
    expect(stat.size).toBe(10 * MIB)
    expect(ahead, 'received while a batch was written').toBeGreaterThan(BATCH_BYTES)
    expect(ahead, 'at most two batches').toBeLessThanOrEqual(2 * BATCH_BYTES)
  })

  it('in a million tiny chunks takes few writes of few parts', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    await writeText(driver, 'warm', 'x')
    const writev = vi.spyOn(fs, 'writev')
    async function* body() {
      const chunk = new Uint8Array(3)
      for (let at = 0; at < 1_000_000; at++) yield chunk
    }
    await driver.write('tiny', body(), PRIVATE)
    expect(writev.mock.calls.length).toBeLessThanOrEqual(4)
    for (const [, buffers] of writev.mock.calls) expect(buffers.length).toBeLessThanOrEqual(17)
  })

  it('gives each chunk back once, when it is written or copied', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    const chunks = [65_536, 3, 4095, 4096, 600_000, 1].map((size) => new Uint8Array(size))
    const back: Uint8Array[] = []
    const body = {
      async *[Symbol.asyncIterator]() {
        yield* chunks
      },
      [RELEASE]: (chunk: Uint8Array) => void back.push(chunk),
    }
    await driver.write('object', body, PRIVATE)
    expect(back.length).toBe(chunks.length)
    expect(new Set(back)).toEqual(new Set(chunks))
  })

  it('gives no chunk back whose write failed', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    await writeText(driver, 'warm', 'x')
    vi.spyOn(fs, 'writev').mockImplementation(((
      _fd: number,
      _buffers: Uint8Array[],
      _position: number,
      done: (error: Error) => void,
    ) => setImmediate(done, Object.assign(new Error('EIO'), { code: 'EIO' }))) as never)
    const back: Uint8Array[] = []
    const body = {
      async *[Symbol.asyncIterator]() {
        yield new Uint8Array(300_000)
      },
      [RELEASE]: (chunk: Uint8Array) => void back.push(chunk),
    }
    await expect(driver.write('object', body, PRIVATE)).rejects.toThrow()
    expect(back).toEqual([])
  })

  it('whose body yields anything but bytes fails as the body’s defect', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    async function* body() {
      yield 'text'
    }
    await expect(driver.write('text', body() as never, PRIVATE)).rejects.toThrow(TypeError)
    await expectNothingLeft(root)
  })

  it('lets go of its signal', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await writeText(driver, 'object', 'x', { signal })
    expect(added).toHaveBeenCalledTimes(1)
    expect(removed).toHaveBeenCalledTimes(1)
    expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1])
  })

  it('aborted while it waits for its lock is not published', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'object', 'old')
    const controller = new AbortController()
    const symlink = fs.symlink
    vi.spyOn(fs, 'symlink').mockImplementation(((
      target: string,
      path: string,
      done: (e: Error | null) => void,
    ) => {
      controller.abort(new Error('gone'))
      symlink(target, path, done)
    }) as never)
    await expect(writeText(driver, 'object', 'new', { signal: controller.signal })).rejects.toThrow('gone')
    expect((await driver.stat('object'))?.size).toBe(3)
    await expectNothingLeft(root)
  })

  it('that cannot be stored is refused before its first byte', async () => {
    const driver = fsDriver({ root: scratchFolder() })
    await writeText(driver, 'file', 'x')
    let begun = false
    async function* body() {
      begun = true
      yield new Uint8Array(1)
    }
    await expect(driver.write('s'.repeat(256), body(), PRIVATE)).rejects.toMatchObject({
      code: 'invalid_key',
    })
    await expect(driver.write('file/below/it', body(), PRIVATE)).rejects.toMatchObject({
      code: 'key_conflict',
    })
    expect(begun).toBe(false)
  })
})

describe('fsync', () => {
  /** What was made durable, and when the object appeared, in order. */
  async function recorded(fsync: boolean, act: (root: string) => Promise<unknown>): Promise<string[]> {
    const root = scratchFolder()
    const driver = fsDriver({ root, fsync })
    await writeText(driver, 'warm', 'x')
    const events: string[] = []
    const record = (name: 'fsync' | 'link' | 'rename' | 'unlink', tell: (args: unknown[]) => string) => {
      const original = fs[name] as (...args: unknown[]) => void
      vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
        events.push(
          `${name} ${tell(args)
            .replace(root, '')
            .replace(/[\w-]{16,}.*/, '*')}`,
        )
        original.apply(fs, args)
      }) as never)
    }
    record('fsync', ([fd]) => readlinkSync(`/proc/self/fd/${fd}`))
    record('link', ([, to]) => String(to))
    record('rename', ([, to]) => String(to))
    record('unlink', ([path]) => String(path))
    await act(root)
    return events.filter((event) => !/locks|unlink .*(tmp|meta)/.test(event))
  }

  it('makes data and metadata durable before the object appears, its folders after', async () => {
    const events = await recorded(true, async (root) =>
      writeText(fsDriver({ root, fsync: true }), 'a/b/object', 'x'),
    )
    expect(events[0]).toBe('fsync /.latchkey/tmp/*')
    const links = events.filter((event) => event === 'link /a/b/object')
    expect(links).toHaveLength(2)
    const published = events.lastIndexOf('link /a/b/object')
    for (const synced of [/^fsync .*meta\/..\/\*$/, /^fsync .*meta\/..$/]) {
      const at = events.findLastIndex((event) => synced.test(event))
      expect(at).toBeGreaterThan(0)
      expect(at).toBeLessThan(published)
    }
    expect(events.slice(published + 1)).toEqual(['fsync /a/b', 'fsync /a', 'fsync '])
  })

  it('makes a removal durable', async () => {
    const events = await recorded(true, async (root) => fsDriver({ root, fsync: true }).delete('warm'))
    expect(events).toEqual(['unlink /warm', 'fsync '])
  })

  it('is not called unless asked for', async () => {
    const events = await recorded(false, async (root) => {
      const driver = fsDriver({ root })
      await writeText(driver, 'a/object', 'x')
      await writeText(driver, 'a/object', 'y')
      await driver.delete('a/object')
    })
    expect(events.filter((event) => event.startsWith('fsync'))).toEqual([])
  })
})
