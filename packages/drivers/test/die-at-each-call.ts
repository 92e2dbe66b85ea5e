import { spawn } from 'node:child_process'
import type { StorageDriver, UploadedPart } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { expect } from 'vitest'
import type { UploadTask } from './children/upload-child.js'
import { leftoversIn, scratchFolder } from './fs-context.js'
import { writeText } from './texts.js'
import { multipartOf, text } from './upload-context.js'

const AT_ONCE = 6
const MOST_CALLS = 60
export interface Began {
  readonly root: string
  readonly uploadId: string
  readonly list: readonly UploadedPart[]
  /** The version that is there before, if there is to be one. */
  readonly etag: string | undefined
}

export async function begin(old: string | undefined): Promise<Began> {
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
export async function dieAtEachCall(
  script: string,
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
      if (!(await isKilled(script, task))) ended = true
      await check(began, fsDriver({ root }))
      // A sidecar that never got its file costs nothing but room, and goes with the daily look through them.
      await expect.poll(() => leftoversIn(root).filter((left) => !left.includes('sidecars'))).toEqual([])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(ended, 'one lived to its end').toBe(true)
  return next - 1
}

/** Whether the child died at the call it was told; a failure of its own fails the test. */
function isKilled(script: string, task: UploadTask): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`the child ended with ${code}`))
    })
  })
}
