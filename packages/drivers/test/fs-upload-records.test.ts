import fs from 'node:fs'
import { join } from 'node:path'
import type { MultipartStorage, WriteResult } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { begin } from './die-at-each-call.js'
import { failing } from './failing.js'
import { leftoversIn } from './fs-context.js'
import { readText, writeText } from './texts.js'
import { PLENTY, setUp, text } from './upload-context.js'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a completion that died before it published, taken back by one while another has read its record', () => {
  it('is not in the way of who lists the parts', async () => {
    const { multipart, uploadId, list, takenBack } = await lookAtUnpublished()
    expect(await multipart.listParts('a/key', uploadId)).toEqual(list)
    await takenBack
  })

  it('is not in the way of who uploads a part', async () => {
    const { multipart, uploadId, takenBack } = await lookAtUnpublished()
    expect(await multipart.writePart('a/key', uploadId, 2, text('2nd'), PLENTY)).toMatchObject({ size: 3 })
    await takenBack
  })

  it('is done again by who completes, and not told as done', async () => {
    const { driver, multipart, uploadId, list, takenBack } = await lookAtUnpublished()
    const result = await multipart.complete('a/key', uploadId, list, PLENTY)
    await takenBack
    expect(await driver.stat('a/key')).toEqual(result.stat)
    expect(await readText(driver, 'a/key')).toBe('first second')
  })

  it('keeps its parts when a driver that starts looks through the uploads', async () => {
    const { root, uploadId, list, takenBack } = await lookAtUnpublished()
    const driver = await startDriver(root)
    await takenBack
    expect(await driver.multipart.listParts('a/key', uploadId)).toEqual(list)
    await driver.multipart.complete('a/key', uploadId, list, PLENTY)
    expect(await readText(driver, 'a/key')).toBe('first second')
    await expect.poll(() => leftoversIn(root)).toEqual([])
  })
})

describe('a completion that announces a second version, as the first one’s place was taken', () => {
  it('is told as what it published by one who has read the first', async () => {
    const { root, create } = setUp()
    const [driver, other] = [await startDriver(root), await startDriver(root)]
    const uploadId = await create('key')
    const list = [await driver.multipart.writePart('key', uploadId, 1, text('first '), PLENTY)]
    let completed: Promise<WriteResult> | undefined
    let told: Promise<WriteResult> | undefined
    holdNext('link', uploadId, async () => {
      await writeText(other, 'key', 'somebody else’s')
      const { reached } = holdNext('lstat', `${uploadId}/object.`, () => completed)
      told = other.multipart.complete('key', uploadId, list, PLENTY)
      await reached
    })
    completed = driver.multipart.complete('key', uploadId, list, PLENTY)
    expect(await completed).toMatchObject({ created: false })
    expect(await told).toEqual(await completed)
  })
})

/** An upload as a completion leaves it that dies right before it publishes, and which the next who looks loses sight of. */
async function lookAtUnpublished() {
  const { root, uploadId, list } = await begin(undefined)
  const driver = await startDriver(root)
  const other = await startDriver(root)
  const { multipart } = driver
  const broken = (['link', 'unlink'] as const).map((name) =>
    failing(name, 'EIO', (path) => String(path).includes(uploadId)),
  )
  await expect(multipart.complete('a/key', uploadId, list, PLENTY)).rejects.toThrow()
  for (const call of broken) call.mockRestore()
  const names = fs.readdirSync(join(root, '.latchkey/uploads', uploadId))
  expect(names).toContain('record')
  expect(names.some((name) => name.startsWith('object.'))).toBe(true)
  const { done: takenBack } = holdNext('lstat', `${uploadId}/object.`, () =>
    takeBack(other.multipart, uploadId),
  )
  return { root, driver, multipart, uploadId, list, takenBack }
}

/** A driver that has been through the uploads, as each is at its start. */
async function startDriver(root: string) {
  // What it goes on to when it is through with them.
  const swept = join(root, '.latchkey/meta/swept')
  fs.rmSync(swept, { force: true })
  const driver = fsDriver({ root })
  await expect.poll(() => fs.existsSync(swept)).toBe(true)
  return driver
}

/** A part that is refused under the lock: it does nothing but to end what a completion has begun. */
async function takeBack(other: MultipartStorage, uploadId: string): Promise<void> {
  const failed = other.writePart('a/key', uploadId, 3, text('too large'), { maxTotal: 15 })
  await expect(failed).rejects.toMatchObject({ code: 'too_large' })
}

/** Holds the next call on a path that holds `part` until `meanwhile` is done. */
function holdNext(name: 'link' | 'lstat', part: string, meanwhile: () => Promise<unknown> | undefined) {
  const original = fs[name]
  const restore = () => void Object.assign(fs, { [name]: original })
  onTestFinished(restore)
  let reach = (): void => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const done = new Promise<void>((resolve, reject) => {
    const held = (path: string, ...args: unknown[]) => {
      const go = () => Reflect.apply(original, fs, [path, ...args])
      if (!path.includes(part)) return go()
      restore()
      reach()
      Promise.resolve(meanwhile())
        .then(() => resolve(), reject)
        .finally(go)
    }
    Object.assign(fs, { [name]: held })
  })
  return { reached, done }
}
