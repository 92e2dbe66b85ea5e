import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import { assertNothingLeft, bodyOf, bytesOf, failureOf, slowBody } from '../driver-cases/objects.js'
import { multipartCase, Upload } from './uploads.js'

export const failedPartCases: readonly DriverCase[] = [
  multipartCase('an error of a part’s body comes out unchanged and leaves the old part', async (context) => {
    const upload = await Upload.begin(context.driver, 'broken')
    const old = await upload.write(1, 'old')
    const error = Object.assign(new Error('the body broke'), { code: 'ENOSPC', syscall: 'write' })
    async function* body() {
      yield* bodyOf(bytesOf(300_000), 60_000)
      throw error
    }
    assert.equal(await failureOf(upload.write(1, body())), error)
    assert.equal(await failureOf(upload.write(2, body())), error)
    assert.deepEqual(await upload.list(), [old])
    await assertNothingLeft(context)
  }),
  multipartCase('an abort of the signal fails the part at once', async (context) => {
    const upload = await Upload.begin(context.driver, 'signalled')
    const controller = new AbortController()
    const { body, started, go } = slowBody(bytesOf(300_000), 'never')
    const writing = failureOf(upload.write(1, body, { signal: controller.signal }))
    await started
    const reason = new Error('the client went away')
    controller.abort(reason)
    assert.equal(await writing, reason)
    go()
    assert.deepEqual(await upload.list(), [])
    await assertNothingLeft(context)
  }),
]
