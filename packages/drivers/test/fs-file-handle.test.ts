import fs, { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { FileHandle } from '../src/fs/file-handle.js'
import { scratchFolder } from './fs-context.js'

afterEach(() => {
  vi.restoreAllMocks()
})

it('a file is closed once, and after the read that is in flight', async () => {
  const path = join(scratchFolder(), 'file')
  writeFileSync(path, 'content')
  const file = new FileHandle(openSync(path, 'r')).lease()
  const events: string[] = []
  const [read, close] = [fs.read, fs.close]
  vi.spyOn(fs, 'read').mockImplementation(((...args: unknown[]) => {
    const done = args.pop() as (error: Error | null, count: number) => void
    const later = (error: Error | null, count: number) =>
      setTimeout(() => {
        events.push('read')
        done(error, count)
      }, 30)
    Reflect.apply(read, fs, [...args, later])
  }) as never)
  vi.spyOn(fs, 'close').mockImplementation(((fd: number, done: () => void) => {
    events.push('close')
    close(fd, done)
  }) as never)
  const buffer = new Uint8Array(7)
  const reading = file.read(buffer, 0)
  await Promise.all([file.close(), file.close()])
  expect(await reading).toBe(7)
  expect(Buffer.from(buffer).toString()).toBe('content')
  expect(events).toEqual(['read', 'close'])
  await expect(file.read(buffer, 0)).rejects.toThrow(/closed/)
})
