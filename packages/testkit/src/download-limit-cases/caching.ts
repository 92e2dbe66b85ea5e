import assert from 'node:assert/strict'
import { narrow } from '@latchkey/core/token'
import type { HttpCase } from '../http-case.js'
import { below, get, head, readUrl } from '../http-cases/exchange.js'
import { assertHeadOf, assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase, rangesCase } from './case-ledger.js'

const TEXT = 'some text'
const PREFETCHES = [
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { 'sec-purpose': 'prefetch;anonymous-client-ip' },
  { purpose: 'prefetch' },
  { Purpose: 'Prefetch' },
]

/** Downloads that could pass by uncounted, and counts that nobody meant. */
export const cachingCases: readonly HttpCase[] = [
  rangesCase('no reply to a limited URL may be stored, whatever the signer fixed', async (context) => {
    const { stat } = await context.put('a.txt', TEXT, { cacheControlMaxAge: 600 })
    const responseHeaders = { 'cache-control': 'public, max-age=9', expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }
    const fixed = await readUrl(context, 'a.txt', { responseHeaders, cacheControlMaxAge: 60 })
    const { url: narrowed } = await narrow(fixed, { maxDownloads: 9, now: context.clock.now })
    for (const url of [await readUrl(context, 'a.txt', { maxDownloads: 9 }), narrowed]) {
      const whole = await get(context, url)
      const part = await get(context, url, { range: 'bytes=1-2' })
      const fresh = await get(context, url, { 'if-none-match': stat.etag })
      assert.deepEqual([whole.status, part.status, fresh.status], [200, 206, 304])
      for (const { headers } of [whole, part, fresh]) {
        assert.equal(headers['cache-control'], 'no-store')
        assert.equal(headers.expires, undefined)
      }
      assertHeadOf(await head(context, url), whole)
    }
    assert.equal((await get(context, fixed)).headers['cache-control'], 'public, max-age=9')
  }),
  limitCase('a prefetch of a limited URL is refused and costs nothing', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    for (const fields of PREFETCHES) assertProblem(await get(context, url, fields), 403, 'prefetch_refused')
    assertProblem(
      await get(context, await readUrl(context, 'absent', { maxDownloads: 1 }), { purpose: 'prefetch' }),
      403,
      'prefetch_refused',
    )
    assert.equal(ledger.claims, 0)
    assertWhole(await get(context, url, { 'sec-purpose': 'notprefetch' }), TEXT)
  }),
  limitCase(
    'a prefetch of any other URL is served; one of a stranger is refused as a stranger',
    async (context) => {
      await context.put('a.txt', TEXT)
      for (const fields of PREFETCHES)
        assertWhole(await get(context, await readUrl(context, 'a.txt'), fields), TEXT)
      const forged = await get(
        context,
        `${await readUrl(context, 'a.txt', { maxDownloads: 1 })}x`,
        PREFETCHES[0],
      )
      assertProblem(forged, 403, 'invalid_signature')
    },
  ),
  {
    ...limitCase(
      'a public object costs nothing without a token, and a download with a limited one',
      async (context, ledger) => {
        await context.put('a.txt', TEXT, { visibility: 'public' })
        const bare = await get(context, below(context, '/a.txt'))
        assertWhole(bare, TEXT)
        assert.match(bare.headers['cache-control'] ?? '', /^public/)
        assert.equal(ledger.total, 0)
        const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
        assert.equal((await get(context, url)).headers['cache-control'], 'no-store')
        assertProblem(await get(context, url), 403, 'exhausted')
      },
    ),
    needs: ['metadata'],
  },
]
