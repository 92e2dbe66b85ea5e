import assert from 'node:assert/strict'
import type { DriverCase, DriverCaseContext } from '../driver-case.js'
import { assertFails, assertNothingLeft, put } from '../driver-cases/objects.js'
import { assertOver, multipartCase, Upload } from './uploads.js'

export const refusalCases: readonly DriverCase[] = [
  multipartCase('a part number is a whole number from 1 to 10 000', async (context) => {
    const upload = await Upload.begin(context.driver, 'numbers')
    for (const number of [0, -1, 1.5, 10_001, Number.NaN, Number.POSITIVE_INFINITY]) {
      await assertFails(upload.write(number, 'x'), 'invalid_part')
    }
    await upload.write(10_000, 'x')
    assert.equal((await upload.list()).length, 1)
    await assertNothingLeft(context)
  }),
  multipartCase('a list that is empty, unordered or names a part twice is refused', async (context) => {
    const upload = await Upload.begin(context.driver, 'lists')
    const [a, b] = [await upload.write(1, 'a'), await upload.write(2, 'b')]
    for (const list of [[], [b, a], [a, a], [a, b, b], [a, b, a]]) {
      await assertFails(upload.complete(list), 'invalid_part')
    }
    await assertUntouched(context, upload, 2)
  }),
  multipartCase('a list that names a part that was not uploaded is refused', async (context) => {
    const upload = await Upload.begin(context.driver, 'missing')
    const a = await upload.write(1, 'a')
    for (const partNumber of [2, 0, 10_001, 1.5]) {
      const list = partNumber < 1 ? [{ ...a, partNumber }, a] : [a, { ...a, partNumber }]
      await assertFails(upload.complete(list), 'invalid_part')
    }
    await assertUntouched(context, upload, 1)
  }),
  multipartCase('a list with the ETag of another version or part is refused', async (context) => {
    const upload = await Upload.begin(context.driver, 'versions')
    const old = await upload.write(1, 'a')
    const [now, other] = [await upload.write(1, 'a'), await upload.write(2, 'a')]
    for (const etag of [old.etag, other.etag, '', '*', now.etag.slice(1, -1), `W/${now.etag}`]) {
      await assertFails(upload.complete([{ partNumber: 1, etag }, other]), 'invalid_part')
    }
    await assertUntouched(context, upload, 2)
    await upload.complete([now, other])
  }),
  multipartCase('an id that was never given is not found, whatever it looks like', async (context) => {
    const { id } = await Upload.begin(context.driver, 'known')
    const flipped = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0')
    const ids = ['', '.', '..', '../known', `${id}/.`, `${id}/`, `${id}\0`, `${id}%00`, `./${id}`, `/${id}`]
    for (const each of [...ids, id.toUpperCase(), `${id}x`, id.slice(1), flipped, ' ', 'a'.repeat(5000)]) {
      if (each === id) continue
      await assertUntouchable(new Upload(context.driver, 'known', each))
    }
    await assertNothingLeft(context)
  }),
  multipartCase('an upload of another key is not found', async ({ driver }) => {
    const mine = await Upload.begin(driver, 'mine')
    await mine.write(1, 'x')
    await assertUntouchable(new Upload(driver, 'other', mine.id))
    assert.equal((await mine.list()).length, 1, 'nor was it aborted')
    await mine.complete()
  }),
  multipartCase('an upload begins for keys that can be stored only', async (context) => {
    for (const key of ['', '/a', 'a//b', '../a', 'a/..', 'a\0b']) {
      await assertFails(Upload.begin(context.driver, key), 'invalid_key')
    }
    await assertNothingLeft(context)
  }),
  multipartCase('an upload that ends at no time is refused', async (context) => {
    const begun = Upload.begin(context.driver, 'endless', { expiresAt: new Date(Number.NaN) })
    await assertFails(begun, 'invalid_option')
  }),
  multipartCase('a key may be taken and freed while its upload goes on', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'busy')
    await upload.write(1, 'x')
    await put(driver, 'busy', 'y')
    assert.equal(await driver.delete('busy'), true)
    assert.equal((await upload.complete()).created, true)
  }),
]

/** An abort of what is not there does nothing. */
async function assertUntouchable(upload: Upload): Promise<void> {
  await assertOver(upload)
  await upload.abort()
}

async function assertUntouched(context: DriverCaseContext, upload: Upload, parts: number): Promise<void> {
  assert.equal(await context.driver.stat(upload.key), null, 'there is no object')
  assert.equal((await upload.list()).length, parts, 'the parts are there')
  await assertNothingLeft(context)
}
