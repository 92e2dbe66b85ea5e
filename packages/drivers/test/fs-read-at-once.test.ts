import { SharedBytes, type StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, expect, test, vi } from 'vitest'
import { expectNothingLeft, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

const KIB = 1024

afterEach(() => {
  vi.restoreAllMocks()
})

async function read(driver: StorageDriver, key: string, length: number) {
  return (await driver.open(key))?.read({ first: 0, last: length - 1 })
}

/** What is read into memory that is used again. */
async function readShared(driver: StorageDriver, key: string, length: number): Promise<SharedBytes> {
  const body = await read(driver, key, length)
  if (!(body instanceof SharedBytes)) throw new Error('it is not in memory')
  return body
}

const textOf = (body: SharedBytes) => Buffer.from(body.copy()).toString()

test.each([
  [16 * KIB, false],
  [16 * KIB + 1, true],
  [64 * KIB, true],
])('of %i bytes the memory is used again: %s', async (length, isReusable) => {
  const root = scratchFolder()
  const driver = fsDriver({ root })
  await writeText(driver, 'large', 'x'.repeat(100 * KIB))
  const body = await read(driver, 'large', length)
  expect(body instanceof Uint8Array).toBe(!isReusable)
  expect(body instanceof SharedBytes && body.isReusable).toBe(isReusable)
  expect(await readText(driver, 'large', { first: 0, last: length - 1 })).toBe('x'.repeat(length))
  await expectNothingLeft(root)
})

test('memory is one reader’s until it is given back, and then the next one’s', async () => {
  const driver = fsDriver({ root: scratchFolder() })
  for (const letter of ['a', 'b', 'c']) await writeText(driver, letter, letter.repeat(100 * KIB))
  const [a, b] = await Promise.all([readShared(driver, 'a', 60 * KIB), readShared(driver, 'b', 20 * KIB)])
  const memory = a.lend()
  expect([textOf(a), textOf(b)]).toEqual(['a'.repeat(60 * KIB), 'b'.repeat(20 * KIB)])
  a.release()
  const c = await readShared(driver, 'c', 30 * KIB)
  expect(c.lend().buffer).toBe(memory.buffer)
  expect([textOf(b), textOf(c)]).toEqual(['b'.repeat(20 * KIB), 'c'.repeat(30 * KIB)])
})

test('what is kept of an object is not in memory that is used again', async () => {
  const driver = fsDriver({ root: scratchFolder() })
  for (const letter of ['a', 'b']) await writeText(driver, letter, letter.repeat(60 * KIB))
  // A file that was written a moment ago is not kept.
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 10_000)
  for (let turn = 0; turn < 2; turn++) (await readShared(driver, 'a', 60 * KIB)).release()
  expect((await readShared(driver, 'a', 60 * KIB)).isReusable).toBe(false)
  for (let turn = 0; turn < 2; turn++) (await readShared(driver, 'b', 60 * KIB)).release()
  expect(textOf(await readShared(driver, 'a', 60 * KIB))).toBe('a'.repeat(60 * KIB))
})
