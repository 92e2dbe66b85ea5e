import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Precondition, StorageDriver, UploadedPart } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { describe, expect, it } from 'vitest'
import { killChild, startChild, useChildScript } from './child-process.js'
import { begin, dieAtEachCall } from './die-at-each-call.js'
import { leftoversIn } from './fs-context.js'
import { readText, writeText } from './texts.js'
import { multipartOf, text } from './upload-context.js'

const script = useChildScript('upload-child')

describe('a process killed at any of its calls', () => {
  it('in a completion that creates leaves the object or the parts, and who repeats it gets its result', async () => {
    let published = 0
    const calls = await dieAtEachCall(script(), 'complete', undefined, async ({ uploadId, list }, driver) => {
      const found = await driver.stat('a/key')
      if (found !== null) published++
      const result = await complete(driver, uploadId, list, { type: 'absent' })
      expect(result.created).toBe(true)
      if (found !== null) expect(result.stat).toEqual(found)
      await assertPublished(driver, uploadId, list, result)
    })
    expect(published).toBeGreaterThan(1)
    expect(calls).toBeGreaterThan(8)
  }, 120_000)

  it('in a completion that replaces leaves the old object or the new one, and may be repeated', async () => {
    let published = 0
    await dieAtEachCall(script(), 'complete', 'old', async ({ uploadId, list, etag = '' }, driver) => {
      const found = await driver.stat('a/key')
      if (found?.etag !== etag) published++
      else expect(await readText(driver, 'a/key')).toBe('old')
      const result = await complete(driver, uploadId, list, { type: 'match', etags: [etag] })
      expect(result.created).toBe(false)
      if (found?.etag !== etag) expect(result.stat).toEqual(found)
      await assertPublished(driver, uploadId, list, result)
    })
    expect(published).toBeGreaterThan(1)
  }, 120_000)

  it('in a completion that replaces does not undo what came after it', async () => {
    await dieAtEachCall(script(), 'complete', 'old', async ({ uploadId, list, etag = '' }, driver) => {
      const found = await driver.stat('a/key')
      if (found?.etag === etag) return multipartOf(driver).abort('a/key', uploadId)
      await writeText(driver, 'a/key', 'newer')
      const result = await multipartOf(driver).complete('a/key', uploadId, list, { maxTotal: 100 })
      expect(result.stat).toEqual(found)
      expect(await readText(driver, 'a/key')).toBe('newer')
    })
  }, 120_000)

  it('in a completion that fails does not leave one that seems to have succeeded', async () => {
    await dieAtEachCall(script(), 'complete-too-late', undefined, async ({ uploadId, list }, driver) => {
      if ((await driver.stat('a/key')) !== null) {
        await expect(complete(driver, uploadId, list, { type: 'absent' })).rejects.toMatchObject({
          code: 'exists',
        })
        expect(await readText(driver, 'a/key')).toBe('somebody else’s')
        await driver.delete('a/key')
      }
      await assertPublished(
        driver,
        uploadId,
        list,
        await complete(driver, uploadId, list, { type: 'absent' }),
      )
    })
  }, 120_000)

  it('in a part leaves the old part or the new one', async () => {
    await dieAtEachCall(script(), 'part', undefined, async ({ uploadId, list }, driver) => {
      const storage = multipartOf(driver)
      const [first, ...others] = await storage.listParts('a/key', uploadId)
      expect(others).toEqual(list.slice(1))
      if (first?.etag !== list[0]?.etag) expect(first?.size).toBe(100_000)
      // Whoever uploads it again also removes what was replaced.
      await storage.writePart('a/key', uploadId, 1, text('again '), { maxTotal: 100 })
      const result = await storage.complete('a/key', uploadId, await storage.listParts('a/key', uploadId), {
        maxTotal: 100,
      })
      expect(result.stat.size).toBe(12)
      expect(await readText(driver, 'a/key')).toBe('again second')
    })
  }, 120_000)

  it('in an abort leaves the upload or nothing', async () => {
    await dieAtEachCall(script(), 'abort', undefined, async ({ root, uploadId }, driver) => {
      const storage = multipartOf(driver)
      await storage.abort('a/key', uploadId)
      await expect(storage.listParts('a/key', uploadId)).rejects.toMatchObject({ code: 'upload_not_found' })
      await expect.poll(() => leftoversIn(root)).toEqual([])
    })
  }, 120_000)
})

describe('a process killed while a part comes in', () => {
  it('leaves the upload without it, and after the next start no temporary file', async () => {
    const { root, uploadId, list } = await begin(undefined)
    const task = { type: 'hang-in-part', root, key: 'a/key', uploadId } as const
    await killChild(await startChild(script(), task))
    expect(readdirSync(join(root, '.latchkey/tmp'))).toHaveLength(1)
    const driver = fsDriver({ root })
    expect(await multipartOf(driver).listParts('a/key', uploadId)).toEqual(list)
    expect(leftoversIn(root)).toEqual([])
  })
})

async function assertPublished(
  driver: StorageDriver,
  uploadId: string,
  list: readonly UploadedPart[],
  result: Awaited<ReturnType<typeof complete>>,
): Promise<void> {
  expect(await driver.stat('a/key')).toEqual(result.stat)
  expect(result.stat.contentType).toBe('text/x-parts')
  expect(await readText(driver, 'a/key')).toBe('first second')
  expect(await complete(driver, uploadId, list, { type: 'absent' })).toEqual(result)
}

function complete(
  driver: StorageDriver,
  uploadId: string,
  list: readonly UploadedPart[],
  precondition: Precondition,
) {
  return multipartOf(driver).complete('a/key', uploadId, list, { maxTotal: 100, precondition })
}
