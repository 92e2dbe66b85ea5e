import assert from 'node:assert/strict'
import type { Bytes } from '@latchkey/core'
import type { DriverCase, DriverCaseContext } from '../driver-case.js'
import { assertBytes, assertNothingLeft, bytesOf, collect, open, put } from './objects.js'

const LARGE = bytesOf(3_000_000)

export const releaseCases: readonly DriverCase[] = [
  {
    name: 'closing without reading leaves nothing, also twice and at once',
    async run(context) {
      await put(context.driver, 'unread', LARGE)
      const object = await open(context.driver, 'unread')
      await Promise.all([object.close(), object.close()])
      await object.close()
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a close after the read leaves the reading alone',
    async run(context) {
      for (const bytes of [LARGE, bytesOf(100)]) {
        await put(context.driver, 'still-reading', bytes)
        const object = await open(context.driver, 'still-reading')
        const reading = object.read()
        await object.close()
        assertBytes(await collect(await reading), bytes)
        await object.close()
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an iterator that is returned before its start releases everything',
    async run(context) {
      const iterator = await iterate(context)
      await iterator?.return?.()
      await iterator?.return?.()
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an iterator that is returned midway releases everything and gives no more',
    async run(context) {
      const iterator = await iterate(context)
      if (iterator) {
        const first = await iterator.next()
        assert.equal(first.done, false)
        await iterator.return?.()
        assert.equal((await iterator.next()).done, true)
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an iterator that is returned while a read is under way releases everything',
    async run(context) {
      for (let turn = 0; turn < 20; turn++) {
        const iterator = await iterate(context)
        const reading = iterator?.next()
        await iterator?.return?.()
        await reading
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a loop that is left early releases everything',
    async run(context) {
      await put(context.driver, 'left', LARGE)
      const body = await (await open(context.driver, 'left')).read()
      if (!(body instanceof Uint8Array)) {
        for await (const chunk of body) {
          assert.ok(chunk.byteLength > 0)
          break
        }
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an iterator that came to its end stays there',
    async run(context) {
      const iterator = await iterate(context)
      if (iterator) {
        let size = 0
        for (let step = await iterator.next(); !step.done; step = await iterator.next())
          size += step.value.byteLength
        assert.equal(size, LARGE.byteLength)
        assert.equal((await iterator.next()).done, true)
      }
      await assertNothingLeft(context)
    },
  },
]

/** An iterator over a large object; `undefined` for a driver that gives even these as one array. */
async function iterate(context: DriverCaseContext): Promise<AsyncIterator<Uint8Array> | undefined> {
  await put(context.driver, 'iterated', LARGE)
  const body: Bytes | Uint8Array = await (await open(context.driver, 'iterated')).read()
  return body instanceof Uint8Array ? undefined : body[Symbol.asyncIterator]()
}
