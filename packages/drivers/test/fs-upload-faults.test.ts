import fs from 'node:fs'
import { LatchkeyError, type MultipartStorage } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { breakNthCall } from './break-nth-call.js'
import { leftoversIn, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'
import { text } from './upload-context.js'

const MOST_CALLS = 60
const ERRORS = [
  ['ENOSPC', 'storage_full'],
  ['EMFILE', 'storage_unavailable'],
  ['EACCES', 'storage_denied'],
] as const

describe('with an error of the file system at any of its calls', () => {
  it('a completion fails as told or succeeds, and may be repeated', async () => {
    await breakEachCall(async (storage, uploadId) => {
      const list = await storage.listParts('key', uploadId).catch(() => [])
      const options = { maxTotal: 100, precondition: { type: 'absent' } } as const
      return storage.complete('key', uploadId, list, options)
    })
  }, 60_000)

  it('a part fails as told or succeeds, and may be repeated', async () => {
    await breakEachCall((storage, uploadId) =>
      storage.writePart('key', uploadId, 2, text('second'), { maxTotal: 100 }),
    )
  }, 60_000)
})

/** Lets each call of an action fail in turn; then everything must be as before or done, and completes well. */
async function breakEachCall(
  action: (storage: MultipartStorage, uploadId: string) => Promise<unknown>,
): Promise<void> {
  for (let nth = 1; nth <= MOST_CALLS; nth++) {
    const root = scratchFolder()
    const [errno, code] = ERRORS[nth % ERRORS.length] ?? []
    // Nothing to look through at the start: what a driver does then is over, and not counted.
    fs.mkdirSync(`${root}/.latchkey/meta`, { recursive: true })
    fs.writeFileSync(`${root}/.latchkey/meta/swept`, '')
    const driver = fsDriver({ root })
    await writeText(driver, 'warm', 'x')
    const { multipart } = driver
    const uploadId = await multipart.create('key', {
      contentType: 'text/plain',
      visibility: 'private',
      expiresAt: new Date(Date.now() + 3_600_000),
    })
    await multipart.writePart('key', uploadId, 1, text('first '), { maxTotal: 100 })
    await multipart.writePart('key', uploadId, 2, text('second'), { maxTotal: 100 })

    const error = Object.assign(new Error(`${errno}: injected`), { code: errno, syscall: 'open' })
    const broken = breakNthCall(fs, nth, () => error)
    onTestFinished(() => {
      broken.restore()
    })
    const failure = await action(multipart, uploadId).then(
      () => null,
      (reason: unknown) => reason,
    )
    const calls = broken.calls()
    broken.restore()
    if (failure !== null) {
      expect(failure).toBeInstanceOf(LatchkeyError)
      expect(failure, `call ${nth}`).toMatchObject({ code })
    }
    const list = await multipart.listParts('key', uploadId).catch(() => [])
    const options = { maxTotal: 100, precondition: { type: 'absent' } } as const
    const result = await multipart.complete('key', uploadId, list, options)
    expect(await driver.stat('key')).toEqual(result.stat)
    expect(await readText(driver, 'key')).toBe('first second')
    expect(await multipart.complete('key', uploadId, [], options)).toEqual(result)
    // A temporary file or lock whose removal failed stays until its process has ended.
    const left = () => leftoversIn(root).filter((each) => !/tmp|locks|sidecars/.test(each))
    await expect.poll(left).toEqual([])
    if (calls < nth) return
  }
  expect.fail('it never lived to its end')
}
