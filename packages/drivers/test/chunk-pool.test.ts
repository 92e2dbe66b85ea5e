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

test('any order of taking and giving back keeps chunks apart', () => {
  const pool = new ChunkPool(64, 3)
  const taken: (ReturnType<typeof pool.take> & { mark?: number })[] = []
  let mark = 0
  let random = 1
  const next = (below: number) => {
    random = (random * 48_271) % 2_147_483_647
    return random % below
  }
  for (let turn = 0; turn < 5000; turn++) {
    if (taken.length < 12 && next(2) === 0) {
      const chunk: (typeof taken)[number] = pool.take(1 + next(64))
      mark = (mark + 1) % 256
      chunk.mark = mark
      chunk.fill(mark)
      taken.push(chunk)
    } else if (taken.length > 0) {
      const [chunk] = taken.splice(next(taken.length), 1)
      expect(chunk?.every((byte) => byte === chunk.mark)).toBe(true)
      chunk?.[RELEASE]?.()
    }
  }
})
