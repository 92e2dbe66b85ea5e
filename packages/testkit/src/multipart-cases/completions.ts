import assert from 'node:assert/strict'
import type { WriteResult } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertFails,
  assertNothingLeft,
  failureOf,
  get,
  put,
  slowBody,
} from '../driver-cases/objects.js'
import { multipartCase, partBytes, Upload } from './uploads.js'

const ABSENT = { precondition: { type: 'absent' } } as const

export const completionCases: readonly DriverCase[] = [
  multipartCase(
    'a completion repeated gives the same result, whatever became of the object',
    async (context) => {
      const upload = await Upload.begin(context.driver, 'repeated')
      const parts = [await upload.write(1, 'a'), await upload.write(2, 'b')]
      const first = await upload.complete(parts, ABSENT)
      let seen = 0
      const onBytes = () => {
        seen++
      }
      assert.deepEqual(await upload.complete(parts, { ...ABSENT, onBytes }), first)
      assert.deepEqual(await upload.complete(parts, { ...ABSENT, maxTotal: 0 }), first)
      await put(context.driver, 'repeated', 'newer')
      assert.deepEqual(await upload.complete(parts), first)
      assertBytes(await get(context.driver, 'repeated'), 'newer')
      await context.driver.delete('repeated')
      assert.deepEqual(await upload.complete(parts, ABSENT), first)
      assert.equal(await context.driver.stat('repeated'), null)
      assert.equal(seen, 0, 'nothing was read again')
    },
    'conditionalWrites',
  ),
  multipartCase(
    'of racing completions one publishes, and all get its result',
    async (context) => {
      for (let turn = 0; turn < 5; turn++) {
        const upload = await Upload.begin(context.driver, `racing/${turn}`)
        for (const number of [1, 2, 3]) await upload.part(number, 100_000)
        const parts = await upload.list()
        const all = Array.from({ length: 6 }, () => upload.complete(parts, ABSENT))
        const [first, ...others] = await Promise.all(all)
        for (const other of others) assert.deepEqual(other, first)
        assert.deepEqual(await context.driver.stat(upload.key), first?.stat)
      }
      await assertNothingLeft(context)
    },
    'conditionalWrites',
  ),
  multipartCase('a completed upload takes no parts and lists none', async (context) => {
    const upload = await Upload.begin(context.driver, 'closed')
    await upload.write(1, 'x')
    await upload.complete()
    await assertFails(upload.write(2, 'y'), 'upload_not_found')
    await assertFails(upload.list(), 'upload_not_found')
    await assertNothingLeft(context)
  }),
  multipartCase('a part that ends after its upload has completed is not stored', async (context) => {
    const upload = await Upload.begin(context.driver, 'outrun')
    const parts = [await upload.write(1, 'x')]
    const { body, started, go } = slowBody('first', 'rest')
    const writing = assertFails(upload.write(2, body), 'upload_not_found')
    await started
    await upload.complete(parts)
    go()
    await writing
    await assertNothingLeft(context)
  }),
  multipartCase(
    'a completion overtaken by one of another driver gives its result',
    async (context) => {
      const other = await context.reopen?.()
      assert.ok(other)
      // Once while parts are still to be read, once when all have been.
      for (const hook of ['onBytes', 'onEnd'] as const) {
        const upload = await Upload.begin(context.driver, `overtaken/${hook}`)
        const parts = [await upload.write(1, 'a'), await upload.write(2, 'b')]
        let first: WriteResult | undefined
        const overtake = async () => {
          first ??= await new Upload(other, upload.key, upload.id).complete(parts, ABSENT)
        }
        assert.deepEqual(await upload.complete(parts, { ...ABSENT, [hook]: overtake }), first)
        assertBytes(await get(context.driver, upload.key), 'ab')
      }
      await assertNothingLeft(context)
    },
    'reopen',
    'conditionalWrites',
  ),
  multipartCase('every byte is shown in order before the object is there', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'shown')
    for (const number of [1, 2, 3]) await upload.part(number, 700_000 + number)
    const shown: Uint8Array[] = []
    let ended = false
    await upload.complete(undefined, {
      onBytes: async (chunk) => {
        await undefined
        assert.equal(ended, false)
        shown.push(Uint8Array.from(chunk))
      },
      onEnd: async () => {
        ended = true
        assert.equal(await driver.stat('shown'), null)
      },
    })
    assert.equal(ended, true)
    assertBytes(Buffer.concat(shown), Buffer.concat([1, 2, 3].map((n) => partBytes(n, 700_000 + n))))
  }),
  multipartCase('what is thrown while the bytes are shown comes out, and the parts stay', async (context) => {
    const upload = await Upload.begin(context.driver, 'judged')
    await upload.part(1, 300_000)
    // Looks like the storage's own, and must not be taken for it.
    const error = Object.assign(new Error('not this type'), { code: 'ENOENT', syscall: 'open' })
    const fail = () => {
      throw error
    }
    const failLater = async () => fail()
    for (const options of [{ onBytes: fail }, { onBytes: failLater }, { onEnd: failLater }]) {
      assert.equal(await failureOf(upload.complete(undefined, options)), error)
      assert.equal(await context.driver.stat('judged'), null)
      assert.equal((await upload.list()).length, 1)
      await assertNothingLeft(context)
    }
    await upload.complete()
    assertBytes(await get(context.driver, 'judged'), partBytes(1, 300_000))
  }),
  multipartCase('a part replaced while the parts are assembled fails the completion', async (context) => {
    const upload = await Upload.begin(context.driver, 'moving')
    const parts = [await upload.write(1, 'a'), await upload.write(2, 'b')]
    const onEnd = async () => {
      await upload.write(1, 'c')
    }
    await assertFails(upload.complete(parts, { onEnd }), 'invalid_part')
    assert.equal(await context.driver.stat('moving'), null)
    await upload.complete()
    assertBytes(await get(context.driver, 'moving'), 'cb')
  }),
]
