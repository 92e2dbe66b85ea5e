import { RELEASE } from '@latchkey/core'
import { expect, test } from 'vitest'
import { ChunkPool } from '../src/fs/chunk-pool.js'

test('memory is one chunk’s at a time', () => {
  const pool = new ChunkPool(1000, 2)
  const [one, two] = [pool.take(1000), pool.take(10)]
  expect([one.length, two.length]).toEqual([1000, 10])
  expect(one.buffer).not.toBe(two.buffer)
  one[RELEASE]?.()
  const three = pool.take(500)
  expect(three.buffer).toBe(one.buffer)
  expect(pool.take(1).buffer).not.toBe(one.buffer)
})

test('what is released twice is there once', () => {
  const pool = new ChunkPool(1000, 2)
  const chunk = pool.take(1000)
  chunk[RELEASE]?.()
  chunk[RELEASE]?.()
  const [one, two] = [pool.take(1000), pool.take(1000)]
  expect(one.buffer).not.toBe(two.buffer)
  // The memory is another chunk's by now.
  chunk[RELEASE]?.()
  expect(pool.take(1000).buffer).not.toBe(one.buffer)
})

test('no more is kept than it may', () => {
  const pool = new ChunkPool(1000, 2)
  const taken = [1, 2, 3].map(() => pool.take(1000))
  for (const chunk of taken) chunk[RELEASE]?.()
  const again = [1, 2, 3].map(() => pool.take(1000).buffer)
  expect(again.filter((memory) => taken.some(({ buffer }) => buffer === memory))).toHaveLength(2)
})
