import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MultipartStorage, Precondition, StorageDriver, UploadedPart } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { describe, expect, it } from 'vitest'
import { killChild, startChild, useChildScript } from './child-process.js'
import type { UploadTask } from './children/upload-child.js'
import { leftoversIn, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

const AT_ONCE = 6
const MOST_CALLS = 60
const script = useChildScript('upload-child')

interface Began {
  readonly root: string
  readonly uploadId: string
  readonly list: readonly UploadedPart[]
  /** The version that is there before, if there is to be one. */
  readonly etag: string | undefined
}

async function begin(old: string | undefined): Promise<Began> {
  const root = scratchFolder()
  const driver = fsDriver({ root })
  const etag = old === undefined ? undefined : (await writeText(driver, 'a/key', old)).stat.etag
  const storage = multipartOf(driver)
  const uploadId = await storage.create('a/key', {
    contentType: 'text/x-parts',
    visibility: 'private',
    expiresAt: new Date(Date.now() + 3_600_000),
  })
  const list = [
    await storage.writePart('a/key', uploadId, 1, text('first '), { maxTotal: 100 }),
    await storage.writePart('a/key', uploadId, 2, text('second'), { maxTotal: 100 }),
  ]
  return { root, uploadId, list, etag }
}

/** Lets a process die at each of its calls in turn, until one lives to its end. */
async function dieAtEachCall(
  type: UploadTask['type'],
  old: string | undefined,
  check: (began: Began, driver: StorageDriver) => Promise<void>,
): Promise<number> {
  let ended = false
  let next = 1
  const work = async () => {
    while (!ended && next <= MOST_CALLS) {
      const dieAt = next++
      const began = await begin(old)
      const { root, uploadId, list, etag } = began
      const task = { type, root, key: 'a/key', uploadId, list, dieAt, ...(etag !== undefined && { etag }) }
      if (!(await isKilled(task))) ended = true
      await check(began, fsDriver({ root }))
      // A sidecar that never got its file costs nothing but room, and goes with the daily look through them.
      await expect.poll(() => leftoversIn(root).filter((left) => !left.includes('sidecars'))).toEqual([])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(ended, 'one lived to its end').toBe(true)
  return next - 1
}

describe('a process killed at any of its calls', () => {
  it('in a completion that creates leaves the object or the parts, and who repeats it gets its result', async () => {
    let published = 0
    const calls = await dieAtEachCall('complete', undefined, async ({ uploadId, list }, driver) => {
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
    await dieAtEachCall('complete', 'old', async ({ uploadId, list, etag = '' }, driver) => {
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
    await dieAtEachCall('complete', 'old', async ({ uploadId, list, etag = '' }, driver) => {
      const found = await driver.stat('a/key')
      if (found?.etag === etag) return multipartOf(driver).abort('a/key', uploadId)
      await writeText(driver, 'a/key', 'newer')
      const result = await multipartOf(driver).complete('a/key', uploadId, list, { maxTotal: 100 })
      expect(result.stat).toEqual(found)
      expect(await readText(driver, 'a/key')).toBe('newer')
    })
  }, 120_000)

  it('in a part leaves the old part or the new one', async () => {
    await dieAtEachCall('part', undefined, async ({ uploadId, list }, driver) => {
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
    await dieAtEachCall('abort', undefined, async ({ root, uploadId }, driver) => {
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

function multipartOf({ multipart }: StorageDriver): MultipartStorage {
  if (multipart === undefined) throw new Error('the driver takes no uploads in parts')
  return multipart
}

async function* text(content: string) {
  yield Buffer.from(content)
}

/** Whether the child died at the call it was told; a failure of its own fails the test. */
function isKilled(task: UploadTask): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script(), JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`the child ended with ${code}`))
    })
  })
}
