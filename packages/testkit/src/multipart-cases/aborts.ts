import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertFails,
  assertNothingLeft,
  bytesOf,
  get,
  slowBody,
} from '../driver-cases/objects.js'
import { assertOver, multipartCase, Upload } from './uploads.js'

export const abortCases: readonly DriverCase[] = [
  multipartCase('an abort ends the upload, and may be repeated', async (context) => {
    const upload = await Upload.begin(context.driver, 'aborted')
    const part = await upload.part(1, 300_000)
    await upload.abort()
    await upload.abort()
    await assertOver(upload)
    await assertFails(upload.complete([part]), 'upload_not_found')
    assert.equal(await context.driver.stat('aborted'), null)
    await assertNothingLeft(context)
  }),
  multipartCase('an abort while a part is in flight fails the part and leaves nothing', async (context) => {
    const upload = await Upload.begin(context.driver, 'in-flight')
    const { body, started, go } = slowBody(bytesOf(200_000), 'the rest')
    const writing = assertFails(upload.write(1, body), 'upload_not_found')
    await started
    await upload.abort()
    go()
    await writing
    await assertOver(upload)
    await assertNothingLeft(context)
  }),
  multipartCase(
    'an abort while the parts are assembled leaves no object and nothing else',
    async (context) => {
      const upload = await Upload.begin(context.driver, 'assembled')
      await upload.part(1, 200_000)
      const completing = upload.complete(undefined, { onEnd: () => upload.abort() })
      await assertFails(completing, 'upload_not_found')
      assert.equal(await context.driver.stat('assembled'), null)
      await assertNothingLeft(context)
    },
  ),
  multipartCase(
    'an abort that races a completion leaves the object or not, and nothing else',
    async (context) => {
      for (let turn = 0; turn < 10; turn++) {
        const upload = await Upload.begin(context.driver, `raced/${turn}`)
        const part = await upload.part(1, 50_000)
        const aborting = sleep(turn).then(() => upload.abort())
        const [outcome] = await Promise.allSettled([upload.complete([part]), aborting])
        await aborting
        const found = await context.driver.stat(upload.key)
        if (outcome.status === 'fulfilled') assert.deepEqual(found, outcome.value.stat)
        else assert.equal(found, null)
        await assertOver(upload)
      }
      await assertNothingLeft(context)
    },
  ),
  multipartCase('an abort after the completion leaves the object', async (context) => {
    const upload = await Upload.begin(context.driver, 'done')
    await upload.write(1, 'x')
    await upload.complete()
    await upload.abort()
    assertBytes(await get(context.driver, 'done'), 'x')
    await assertOver(upload)
  }),
]
