import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, assertFails, assertNothingLeft, get, slowBody } from '../driver-cases/objects.js'
import { assertOver, multipartCase, Upload } from './uploads.js'

// Enough to begin in on a busy machine, and little enough to wait for.
const LIFE_MS = 1500

export const lifetimeCases: readonly DriverCase[] = [
  multipartCase('an expired upload is not found, complete or not', async (context) => {
    const expiresAt = new Date(Date.now() + LIFE_MS)
    const [open, done] = await Promise.all([
      Upload.begin(context.driver, 'open', { expiresAt }),
      Upload.begin(context.driver, 'done', { expiresAt }),
    ])
    await Promise.all([open.write(1, 'x'), done.write(1, 'x')])
    await done.complete()
    await sleep(expiresAt.getTime() - Date.now() + 5)
    await assertOver(open)
    await assertOver(done)
    assert.notEqual(await context.driver.stat('done'), null, 'the object stays')
  }),
  multipartCase('a part that ends after its upload has expired is not stored', async (context) => {
    const expiresAt = new Date(Date.now() + LIFE_MS)
    const upload = await Upload.begin(context.driver, 'late', { expiresAt })
    const { body, started, go } = slowBody('first', 'rest')
    const writing = assertFails(upload.write(1, body), 'upload_not_found')
    // Where the machine is so slow that it is refused at once, that is right as well.
    await Promise.race([started, writing])
    await sleep(expiresAt.getTime() - Date.now() + 5)
    go()
    await writing
  }),
  multipartCase('a completion that ends after its upload has expired publishes nothing', async (context) => {
    const expiresAt = new Date(Date.now() + LIFE_MS)
    const upload = await Upload.begin(context.driver, 'too-late', { expiresAt })
    const part = await upload.write(1, 'x')
    const onEnd = () => sleep(expiresAt.getTime() - Date.now() + 5)
    await assertFails(upload.complete([part], { onEnd }), 'upload_not_found')
    assert.equal(await context.driver.stat('too-late'), null)
  }),
  multipartCase(
    'an upload, and what it came to, survives a restart',
    async (context) => {
      const upload = await Upload.begin(context.driver, 'survivor', { contentType: 'text/x-kept' })
      const first = await upload.write(1, 'before ')
      const driver = await context.reopen?.()
      assert.ok(driver)
      const again = new Upload(driver, 'survivor', upload.id)
      assert.deepEqual(await again.list(), [first])
      const result = await again.complete([first, await again.write(2, 'after')])
      assertBytes(await get(driver, 'survivor'), 'before after')
      assert.equal(result.stat.contentType, 'text/x-kept')
      const third = await context.reopen?.()
      assert.ok(third)
      assert.deepEqual(await new Upload(third, 'survivor', upload.id).complete([first]), result)
      await assertNothingLeft(context)
    },
    'reopen',
    'metadata',
  ),
]
