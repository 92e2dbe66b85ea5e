import assert from 'node:assert/strict'
import type { DriverCase, DriverCaseContext } from '../driver-case.js'
import {
  assertBytes,
  assertNothingLeft,
  bodyOf,
  bytesOf,
  failureOf,
  get,
  PRIVATE,
  put,
  slowBody,
} from './objects.js'

export const failedWriteCases: readonly DriverCase[] = [
  {
    name: 'an error of the body comes out unchanged, leaves the old object and nothing else',
    async run(context) {
      for (const size of [0, 10, 3_000_000]) {
        const { stat } = await put(context.driver, 'kept', 'old')
        // Looks like the storage's own, and must not be taken for it.
        const error = Object.assign(new Error('the body broke'), { code: 'ENOSPC', syscall: 'write' })
        async function* body() {
          yield* bodyOf(bytesOf(size), 60_000)
          throw error
        }
        assert.equal(await failureOf(context.driver.write('kept', body(), PRIVATE)), error)
        await assertKept(context, 'kept', stat.etag)
      }
    },
  },
  {
    name: 'a failed upload to a new key leaves no object and nothing else',
    async run(context) {
      async function* body() {
        yield* bodyOf('some')
        throw new Error('the body broke')
      }
      await failureOf(context.driver.write('new/folder/object', body(), PRIVATE))
      assert.equal(await context.driver.stat('new/folder/object'), null)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an abort fails the write at once, leaves the old object and nothing else',
    async run(context) {
      const { stat } = await put(context.driver, 'aborted', 'old')
      const controller = new AbortController()
      const upload = slowBody(bytesOf(3_000_000), 'never')
      const options = { ...PRIVATE, signal: controller.signal }
      const writing = failureOf(context.driver.write('aborted', upload.body, options))
      await upload.started
      const reason = new Error('the client went away')
      controller.abort(reason)
      assert.equal(await writing, reason)
      await assertKept(context, 'aborted', stat.etag)
      upload.go()
    },
  },
  {
    name: 'a signal that was aborted before fails the write',
    async run(context) {
      const options = { ...PRIVATE, signal: AbortSignal.abort(new Error('too late')) }
      assert.match(String(await failureOf(context.driver.write('early', bodyOf('x'), options))), /too late/)
      assert.equal(await context.driver.stat('early'), null)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'an abort with the last byte fails the write or comes too late, nothing between',
    async run(context) {
      for (let turn = 0; turn < 20; turn++) {
        const controller = new AbortController()
        async function* body() {
          yield* bodyOf('new')
          setImmediate(() => controller.abort(new Error('gone')))
        }
        await put(context.driver, 'edge', 'old')
        const options = { ...PRIVATE, signal: controller.signal }
        const [outcome] = await Promise.allSettled([context.driver.write('edge', body(), options)])
        assertBytes(await get(context.driver, 'edge'), outcome.status === 'fulfilled' ? 'new' : 'old')
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a failed write ends the iteration of its body',
    async run(context) {
      let returned = false
      const controller = new AbortController()
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            controller.abort(new Error('gone'))
            return { done: false, value: bytesOf(10) } as const
          },
          return: async () => {
            returned = true
            return { done: true, value: undefined } as const
          },
        }),
      }
      await failureOf(context.driver.write('ended', body, { ...PRIVATE, signal: controller.signal }))
      assert.equal(returned, true)
      assert.equal(await context.driver.stat('ended'), null)
    },
  },
]

async function assertKept(context: DriverCaseContext, key: string, etag: string): Promise<void> {
  assert.equal((await context.driver.stat(key))?.etag, etag, 'the old version is still there')
  assertBytes(await get(context.driver, key), 'old')
  await assertNothingLeft(context)
}
