import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import { assertFails, assertNothingLeft, slowBody } from '../driver-cases/objects.js'
import { multipartCase, Upload } from './uploads.js'

export const limitCases: readonly DriverCase[] = [
  multipartCase('all parts together keep to the limit, to the byte', async (context) => {
    const upload = await Upload.begin(context.driver, 'total')
    await upload.part(1, 600, { maxTotal: 1000 })
    await assertFails(upload.part(2, 401, { maxTotal: 1000 }), 'too_large')
    await upload.part(2, 400, { maxTotal: 1000 })
    await assertFails(upload.part(3, 1, { maxTotal: 1000 }), 'too_large')
    assert.deepEqual(
      (await upload.list()).map(({ size }) => size),
      [600, 400],
    )
    await assertNothingLeft(context)
    assert.equal((await upload.complete(undefined, { maxTotal: 1000 })).stat.size, 1000)
  }),
  multipartCase('a part that replaces another counts instead of it', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'instead')
    await upload.part(1, 900, { maxTotal: 1000 })
    await upload.part(1, 1000, { maxTotal: 1000 })
    await assertFails(upload.part(1, 1001, { maxTotal: 1000 }), 'too_large')
    assert.deepEqual(
      (await upload.list()).map(({ size }) => size),
      [1000],
      'the refused one replaced nothing',
    )
  }),
  multipartCase('a part is refused as soon as it goes over by itself', async (context) => {
    const upload = await Upload.begin(context.driver, 'alone')
    const { body } = slowBody(new Uint8Array(1001), 'never')
    await assertFails(upload.write(1, body, { maxTotal: 1000 }), 'too_large')
    await assertFails(upload.part(1, 1, { maxTotal: 1000, size: 1001 }), 'too_large')
    await assertFails(upload.part(1, 1, { maxTotal: 0 }), 'too_large')
    assert.deepEqual(await upload.list(), [])
    await assertNothingLeft(context)
  }),
  multipartCase('of parts that race for the last room only those succeed that fit', async (context) => {
    for (let turn = 0; turn < 5; turn++) {
      const upload = await Upload.begin(context.driver, `race/${turn}`)
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, (_, at) => upload.part(at + 1, 300, { maxTotal: 1000 })),
      )
      const stored = outcomes.filter(({ status }) => status === 'fulfilled').length
      assert.equal(stored, 3)
      assert.equal((await upload.list()).length, 3)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'too_large')
      }
    }
    await assertNothingLeft(context)
  }),
  multipartCase('the limit counts at the completion as well, over the listed parts', async (context) => {
    const upload = await Upload.begin(context.driver, 'at-end')
    const parts = [await upload.part(1, 600), await upload.part(2, 401)]
    await assertFails(upload.complete(parts, { maxTotal: 1000 }), 'too_large')
    assert.equal(await context.driver.stat('at-end'), null)
    await assertNothingLeft(context)
    assert.equal((await upload.complete(parts.slice(0, 1), { maxTotal: 1000 })).stat.size, 600)
  }),
]
