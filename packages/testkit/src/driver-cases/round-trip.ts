import assert from 'node:assert/strict'
import { resolveCapabilities } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertNothingLeft,
  bodyOf,
  bytesOf,
  get,
  open,
  overwrittenBody,
  PRIVATE,
  put,
  stat,
} from './objects.js'

const MIB = 1024 * 1024

export const roundTripCases: readonly DriverCase[] = [
  {
    name: 'an absent object has no stat and does not open',
    async run({ driver }) {
      assert.equal(await driver.stat('absent'), null)
      assert.equal(await driver.open('absent'), null)
      assert.equal(await driver.stat('absent/deeper.txt'), null)
      assert.equal(await driver.open('absent/deeper.txt'), null)
    },
  },
  {
    name: 'what is written is read back, with the stat that the write gave',
    async run({ driver }) {
      const before = Date.now()
      const written = await put(driver, 'reports/2026/q3.txt', 'seventy')
      assert.equal(written.created, true)
      assert.equal(written.stat.size, 7)
      const { strongEtags } = resolveCapabilities(driver.capabilities)
      if (strongEtags) assert.match(written.stat.etag, /^"[^"]+"$/, 'the ETag is strong and in quotes')
      else assert.match(written.stat.etag, /^W\/"[^"]+"$/, 'the ETag is weak, and says so')
      // A storage may keep whole seconds, and its clock may be another.
      assert.ok(Math.abs(written.stat.lastModified.getTime() - before) < 60_000, 'modified about now')
      assert.deepEqual(await stat(driver, 'reports/2026/q3.txt'), written.stat)
      const object = await open(driver, 'reports/2026/q3.txt')
      assert.deepEqual(object.stat, written.stat)
      await object.close()
      assertBytes(await get(driver, 'reports/2026/q3.txt'), 'seventy')
    },
  },
  {
    name: 'an empty object is an object',
    async run({ driver }) {
      const written = await put(driver, 'empty', '')
      assert.equal(written.stat.size, 0)
      assert.equal((await stat(driver, 'empty')).size, 0)
      assertBytes(await get(driver, 'empty'), '')
    },
  },
  {
    name: 'empty chunks in a body change nothing',
    async run({ driver }) {
      async function* body() {
        yield new Uint8Array(0)
        yield* bodyOf('a')
        yield new Uint8Array(0)
        yield new Uint8Array(0)
        yield* bodyOf('b')
        yield new Uint8Array(0)
      }
      await driver.write('gaps', body(), PRIVATE)
      assertBytes(await get(driver, 'gaps'), 'ab')
    },
  },
  {
    name: '5 MiB in chunks of odd sizes come back byte by byte',
    async run({ driver }) {
      const bytes = bytesOf(5 * MIB + 13)
      const body = bodyOf(bytes, 1, 65_537, 4095, 4096, 4097, 300_001, 7, 1_048_577)
      const written = await driver.write('large', body, { ...PRIVATE, size: bytes.byteLength })
      assert.equal(written.stat.size, bytes.byteLength)
      assertBytes(await get(driver, 'large'), bytes)
    },
  },
  {
    name: 'a single chunk of 5 MiB comes back',
    async run({ driver }) {
      const bytes = bytesOf(5 * MIB, 2)
      await driver.write('one-chunk', bodyOf(bytes), PRIVATE)
      assertBytes(await get(driver, 'one-chunk'), bytes)
    },
  },
  {
    name: 'a hundred thousand tiny chunks come back in order',
    async run({ driver }) {
      const bytes = bytesOf(250_000, 3)
      await driver.write('tiny', bodyOf(bytes, 1, 2, 3, 4), PRIVATE)
      assertBytes(await get(driver, 'tiny'), bytes)
    },
  },
  {
    name: 'a chunk that is given back is needed no more',
    async run({ driver }) {
      const bytes = bytesOf(5 * MIB + 13, 4)
      for (const sizes of [[65_536], [1, 65_537, 4095, 4096, 300_001, 7], [1_048_577]]) {
        for (const size of [undefined, bytes.byteLength]) {
          const body = overwrittenBody(bytes, ...sizes)
          await driver.write('given-back', body, { ...PRIVATE, ...(size !== undefined && { size }) })
          assertBytes(await get(driver, 'given-back'), bytes)
        }
      }
    },
  },
  {
    name: 'sizes around every likely buffer come back',
    async run({ driver }) {
      for (const size of [
        1,
        4095,
        4096,
        65_535,
        65_536,
        65_537,
        262_143,
        262_144,
        262_145,
        MIB - 1,
        MIB,
        MIB + 1,
      ]) {
        const bytes = bytesOf(size, size)
        await put(driver, `size/${size}`, bytes)
        assertBytes(await get(driver, `size/${size}`), bytes, `${size} bytes`)
      }
    },
  },
  {
    name: 'writing and reading leave nothing behind',
    async run(context) {
      for (const size of [0, 10, 3 * MIB]) {
        await put(context.driver, 'tidy/object', bytesOf(size))
        await get(context.driver, 'tidy/object')
        await context.driver.stat('tidy/object')
      }
      await context.driver.delete('tidy/object')
      await assertNothingLeft(context)
    },
  },
]
