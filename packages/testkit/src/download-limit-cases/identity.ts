import assert from 'node:assert/strict'
import { narrow, presignUrl } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, head, readUrl, targetOf, tokenOf } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase } from './case-ledger.js'

const TEXT = 'some text'

async function narrowed(context: HttpCaseContext, url: string, maxDownloads: number): Promise<string> {
  return (await narrow(url, { maxDownloads, now: context.clock.now })).url
}

/** What a limit is counted by, and what its end gives away. */
export const identityCases: readonly HttpCase[] = [
  limitCase('two mints of the same URL count apart', async (context) => {
    await context.put('a.txt', TEXT)
    const one = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    const other = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    assertWhole(await get(context, one), TEXT)
    assertProblem(await get(context, one), 403, 'exhausted')
    assertWhole(await get(context, other), TEXT)
  }),
  limitCase('another spelling of a URL is no other download', async (context) => {
    await context.put('folder/a.txt', TEXT)
    const url = targetOf(await readUrl(context, 'folder/a.txt', { maxDownloads: 1 }))
    assertWhole(await get(context, url), TEXT)
    const token = tokenOf(url)
    for (const spelling of [
      `${url}&again=1`,
      below(context, `/folder/a.txt?x=1&token=${token}`),
      below(context, `/f%6Flder/%61.txt?token=${token}`),
    ]) {
      assertProblem(await get(context, spelling), 403, 'exhausted')
    }
  }),
  limitCase('a narrowed URL counts against its own limit and against that of its origin', async (context) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 3 })
    const once = await narrowed(context, url, 1)
    const often = await narrowed(context, url, 99)
    assertWhole(await get(context, once), TEXT)
    assertProblem(await get(context, once), 403, 'exhausted')
    assertWhole(await get(context, often), TEXT)
    assertWhole(await get(context, url), TEXT)
    for (const spent of [url, often, await narrowed(context, url, 1)]) {
      assertProblem(await get(context, spent), 403, 'exhausted')
    }
  }),
  limitCase('what a later limit refuses takes nothing of the earlier ones', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 2 })
    const once = await narrowed(context, url, 1)
    assertWhole(await get(context, once), TEXT)
    for (let tries = 0; tries < 5; tries++) assertProblem(await get(context, once), 403, 'exhausted')
    await ledger.assertUsed(2)
    assertWhole(await get(context, url), TEXT)
    assertProblem(await get(context, url), 403, 'exhausted')
  }),
  limitCase('an app may put a limit on a URL that has none', async (context) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt')
    const once = await narrowed(context, url, 1)
    assertWhole(await get(context, once), TEXT)
    assertProblem(await get(context, once), 403, 'exhausted')
    assertWhole(await get(context, url), TEXT)
  }),
  limitCase('all URLs of a delegation share its limit, over all its keys', async (context) => {
    for (const key of ['d/a.txt', 'd/b.txt']) await context.put(key, TEXT)
    const delegation = await context.files.issueSignedToken({ prefix: 'd/', maxDownloads: 2 })
    const read = async (key: string): Promise<string> =>
      (await presignUrl(delegation, { operation: 'get', key, now: context.clock.now })).url
    assertWhole(await get(context, await read('d/a.txt')), TEXT)
    assertWhole(await get(context, await read('d/b.txt')), TEXT)
    assertProblem(await get(context, await read('d/a.txt')), 403, 'exhausted')
  }),
  limitCase('a URL that is used up tells nothing of the object', async (context) => {
    const { stat } = await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    assertWhole(await get(context, url), TEXT)
    const ask = async (): Promise<void> => {
      for (const fields of [
        { 'if-none-match': stat.etag },
        { 'if-match': '"another"' },
        { range: 'bytes=99-' },
      ]) {
        assertProblem(await get(context, url, fields), 403, 'exhausted')
      }
      const { status, body } = await head(context, url)
      assert.deepEqual([status, body.byteLength], [403, 0])
    }
    await ask()
    await context.driver.delete('a.txt')
    await ask()
  }),
  limitCase('an expired URL is expired, used up or not, and claims nothing', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1, expiresIn: 60 })
    context.clock.advance(60_000)
    assertProblem(await get(context, url), 403, 'expired')
    assert.equal(ledger.claims, 0)
  }),
]
