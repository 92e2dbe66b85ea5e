import assert from 'node:assert/strict'
import { narrow } from '@latchkey/core/token'
import type { HttpCase } from '../http-case.js'
import { get, head, readUrl } from '../http-cases/exchange.js'
import { assertHeadOf, assertPart, assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase, rangesCase } from './case-ledger.js'
import { assertPage, BYTES, ME, NAVIGATION, PART, post } from './confirm-case.js'

/** Downloads that are asked for twice: a GET opens the page, a POST is the download. */
export const confirmingCases: readonly HttpCase[] = [
  limitCase(
    'a GET sends the page or a refusal, never the object, and costs nothing',
    async (context, ledger) => {
      await context.put('d/a.bin', BYTES)
      const url = await readUrl(context, 'd/a.bin', { maxDownloads: 1, confirm: true })
      assertPage(await get(context, url, NAVIGATION), 'a.bin')
      assertPage(await get(context, url, { accept: 'text/html,*/*' }), 'a.bin')
      for (const fields of [{}, ME, PART, { ...NAVIGATION, 'sec-fetch-mode': 'no-cors' }]) {
        assertProblem(await get(context, url, fields), 403, 'confirmation_required')
      }
      assert.equal(ledger.claims, 0)
      const reply = await post(context, url, NAVIGATION)
      assertWhole(reply, BYTES)
      assert.equal(reply.headers['content-disposition'], 'attachment; filename=a.bin')
      assert.equal(reply.headers['cache-control'], 'no-store')
      assert.equal(ledger.total, 1)
      assertProblem(await post(context, url), 403, 'exhausted')
      assertProblem(await get(context, url), 403, 'exhausted')
      assert.equal((await get(context, url, NAVIGATION)).status, 403)
    },
  ),
  limitCase('HEAD gets the headers of GET', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 1, confirm: true })
    assertHeadOf(await head(context, url, NAVIGATION), await get(context, url, NAVIGATION))
    assertHeadOf(await head(context, url), await get(context, url))
    assert.equal(ledger.claims, 0)
  }),
  limitCase('without a limit each confirmation is a download', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { confirm: true, cacheControlMaxAge: 60 })
    assertPage(await get(context, url, NAVIGATION), 'a.bin')
    for (let times = 0; times < 2; times++) {
      const reply = await post(context, url)
      assertWhole(reply, BYTES)
      assert.equal(reply.headers['cache-control'], 'no-store')
    }
    assertProblem(await get(context, url, PART), 403, 'confirmation_required')
    assert.equal(ledger.claims, 0)
  }),
  limitCase('the signer may have the object shown, and named', async (context) => {
    await context.put('a.bin', BYTES)
    const shown = await readUrl(context, 'a.bin', { confirm: true, download: false })
    assert.equal((await post(context, shown)).headers['content-disposition'], 'inline; filename=a.bin')
    const named = await readUrl(context, 'a.bin', { confirm: true, download: 'Q3 & Q4.bin' })
    assertPage(await get(context, named, NAVIGATION), 'Q3 &amp; Q4.bin')
    assert.match(
      (await post(context, named)).headers['content-disposition'] ?? '',
      /^attachment; filename="Q3 & Q4.bin"/,
    )
  }),
  limitCase('what is not there has no page, and costs nothing', async (context, ledger) => {
    const url = await readUrl(context, 'absent.bin', { maxDownloads: 1, confirm: true })
    assert.equal((await get(context, url, NAVIGATION)).status, 404)
    assertProblem(await post(context, url), 404, 'not_found')
    assert.equal(ledger.total, 0)
  }),
  limitCase('a prefetch of either kind is refused', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { confirm: true })
    const prefetch = { 'sec-purpose': 'prefetch;prerender' }
    assert.equal((await get(context, url, { ...NAVIGATION, ...prefetch })).status, 403)
    assertProblem(await get(context, url, prefetch), 403, 'prefetch_refused')
    assertProblem(await post(context, url, prefetch), 403, 'prefetch_refused')
    assert.equal(ledger.claims, 0)
  }),
  rangesCase('whoever has confirmed comes back for parts inside the window', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 2, resumeWindow: 60, confirm: true })
    assertProblem(await get(context, url, PART), 403, 'confirmation_required')
    assertWhole(await post(context, url), BYTES)
    const part = await get(context, url, PART)
    assertPart(part, BYTES, 10, 19)
    assert.equal(part.headers['content-disposition'], 'attachment; filename=a.bin')
    assertProblem(await get(context, url, { ...PART, 'user-agent': 'x' }), 403, 'confirmation_required')
    assertProblem(await get(context, url, ME), 403, 'confirmation_required')
    assert.equal(ledger.total, 1)
    context.clock.advance(60_000)
    // A use is left, and is not taken unasked.
    assertProblem(await get(context, url, PART), 403, 'confirmation_required')
    assert.equal(ledger.total, 1)
    const bare = (await narrow(url, { maxDownloads: 2, now: context.clock.now })).url
    assertWhole(await post(context, bare), BYTES)
    assertProblem(await get(context, bare, PART), 403, 'exhausted')
  }),
  rangesCase('a part that turns out to be the whole is confirmed first, too', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 2, resumeWindow: 60, confirm: true })
    const { etag = '' } = (await post(context, url)).headers
    const changed = await get(context, url, { ...PART, 'if-range': '"another"' })
    assertProblem(changed, 403, 'confirmation_required')
    assert.equal(ledger.total, 1)
    assertPart(await get(context, url, { ...PART, 'if-range': etag }), BYTES, 10, 19)
    assertWhole(await post(context, url), BYTES)
    assert.equal(ledger.total, 2)
  }),
  limitCase('a holder may ask for confirmation, and cannot take it back', async (context) => {
    await context.put('a.bin', BYTES)
    const { now } = context.clock
    const url = await readUrl(context, 'a.bin')
    const asked = (await narrow(url, { confirm: true, now })).url
    const after = (await narrow(asked, { expiresIn: 60, now })).url
    for (const each of [asked, after]) {
      assertProblem(await get(context, each), 403, 'confirmation_required')
      assertWhole(await post(context, each), BYTES)
    }
    assertWhole(await get(context, url), BYTES)
    await assert.rejects(narrow(asked, { confirm: false, now }))
  }),
]
