import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { expectNothingLeft, scratchFolder } from './fs-context.js'
import { writeText } from './texts.js'

const KIB = 1024
const SIZE = 600 * KIB
const NOTHING = { done: true, value: undefined } as const

let root = ''
let iterators: AsyncIterator<Uint8Array>[] = []

beforeEach(() => {
  root = scratchFolder()
  iterators = []
})

afterEach(async () => {
  for (const iterator of iterators) await iterator.return?.()
  await expectNothingLeft(root)
})

/** Begins a download, and gives the length of its first chunk. */
async function begin(driver = fsDriver({ root })): Promise<number | undefined> {
  const body = await (await driver.open('large'))?.read()
  if (body === undefined || !(Symbol.asyncIterator in body)) throw new Error('it is not there, or not large')
  const iterator = body[Symbol.asyncIterator]()
  iterators.push(iterator)
  return lengthOf(await iterator.next())
}

function lengthOf({ value }: IteratorResult<Uint8Array>): number | undefined {
  return value?.byteLength
}

test('up to 32 downloads at once have chunks of 256 KiB, and more have half as long ones', async () => {
  await writeText(fsDriver({ root }), 'large', 'x'.repeat(SIZE))
  const lengths: unknown[] = []
  for (let at = 0; at < 34; at++) lengths.push(await begin())
  expect(lengths.slice(0, 32)).toEqual(Array(32).fill(256 * KIB))
  expect(lengths.slice(32)).toEqual([128 * KIB, 128 * KIB])
  // Those that began before, too.
  expect(lengthOf((await iterators[0]?.next()) ?? NOTHING)).toBe(128 * KIB)
})

test.each([
  [
    'ended',
    async (iterator: AsyncIterator<Uint8Array>) => {
      while ((await iterator.next()).done !== true);
    },
  ],
  [
    'were broken off',
    async (iterator: AsyncIterator<Uint8Array>) => {
      await iterator.return?.()
      await iterator.return?.()
    },
  ],
])('downloads that have %s count no more', async (_, end) => {
  await writeText(fsDriver({ root }), 'large', 'x'.repeat(SIZE))
  for (let at = 0; at < 40; at++) await begin()
  for (const iterator of iterators) await end(iterator)
  for (let at = 0; at < 32; at++) expect(await begin()).toBe(256 * KIB)
  expect(await begin()).toBe(128 * KIB)
})

test('of many downloads that begin at once none has a large chunk', async () => {
  const driver = fsDriver({ root })
  await writeText(driver, 'large', 'x'.repeat(SIZE))
  const lengths = await Promise.all(Array.from({ length: 64 }, () => begin(driver)))
  expect(new Set(lengths)).toEqual(new Set([128 * KIB]))
})

test('what is not there, or not large, counts no more when it was asked for', async () => {
  await writeText(fsDriver({ root }), 'large', 'x'.repeat(SIZE))
  await writeText(fsDriver({ root }), 'small', 'x')
  const driver = fsDriver({ root })
  for (let at = 0; at < 40; at++) {
    expect(await driver.open('missing')).toBeNull()
    await (await driver.open('small'))?.close()
    await (await driver.open('large'))?.close()
  }
  expect(await begin()).toBe(256 * KIB)
})
