import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, assertFails, assertNothingLeft, get, put } from '../driver-cases/objects.js'
import { multipartCase, Upload } from './uploads.js'

const ABSENT = { precondition: { type: 'absent' } } as const

export const preconditionCases: readonly DriverCase[] = [
  multipartCase(
    'create-only fails as exists where the key is taken, and the parts stay',
    async (context) => {
      const { driver } = context
      const upload = await Upload.begin(driver, 'taken')
      await upload.write(1, 'new')
      const { stat } = await put(driver, 'taken', 'old')
      await assertFails(upload.complete(undefined, ABSENT), 'exists')
      assert.equal((await driver.stat('taken'))?.etag, stat.etag)
      assert.equal((await upload.list()).length, 1)
      await assertNothingLeft(context)
      await driver.delete('taken')
      assert.equal((await upload.complete(undefined, ABSENT)).created, true)
    },
    'conditionalWrites',
  ),
  multipartCase(
    'a key that is taken while the parts are assembled fails as exists',
    async (context) => {
      const upload = await Upload.begin(context.driver, 'overtaken')
      await upload.write(1, 'new')
      const onEnd = async () => {
        await put(context.driver, 'overtaken', 'old')
      }
      await assertFails(upload.complete(undefined, { ...ABSENT, onEnd }), 'exists')
      assertBytes(await get(context.driver, 'overtaken'), 'old')
      assert.equal((await upload.list()).length, 1)
      await assertNothingLeft(context)
    },
    'conditionalWrites',
  ),
  multipartCase(
    'a completion replaces the version it names and no other',
    async (context) => {
      const { stat } = await put(context.driver, 'matched', 'old')
      const upload = await Upload.begin(context.driver, 'matched')
      await upload.write(1, 'new')
      const match = (etag: string) => ({ precondition: { type: 'match', etags: [etag] } }) as const
      await assertFails(upload.complete(undefined, match('"other"')), 'precondition_failed')
      const swapped = async () => {
        await put(context.driver, 'matched', 'newer')
      }
      const late = upload.complete(undefined, { ...match(stat.etag), onEnd: swapped })
      await assertFails(late, 'precondition_failed')
      assertBytes(await get(context.driver, 'matched'), 'newer')
      await assertNothingLeft(context)
      const now = (await context.driver.stat('matched'))?.etag ?? ''
      assert.equal((await upload.complete(undefined, match(now))).created, false)
      assertBytes(await get(context.driver, 'matched'), 'new')
    },
    'conditionalWrites',
  ),
]
