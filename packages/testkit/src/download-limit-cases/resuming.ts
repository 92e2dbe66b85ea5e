import assert from 'node:assert/strict'
import { narrow, presignUrl, type UrlOptions } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, head, patternBytes, readUrl } from '../http-cases/exchange.js'
import { assertHeadOf, assertPart, assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase, rangesCase } from './case-ledger.js'

const BYTES = patternBytes(1000)
const ME = { 'user-agent': 'player/1' }
const PART = { ...ME, range: 'bytes=10-19' }

async function once(context: HttpCaseContext, options: UrlOptions = {}): Promise<string> {
  await context.put('a.bin', BYTES)
  return readUrl(context, 'a.bin', { maxDownloads: 1, resumeWindow: '10m', ...options })
}

/** Requests of one client that belong to one download. */
export const resumingCases: readonly HttpCase[] = [
  rangesCase('a client may come back for parts of its download', async (context, ledger) => {
    const url = await once(context)
    assertWhole(await get(context, url, ME), BYTES)
    for (const first of [0, 10, 999]) {
      assertPart(await get(context, url, { ...ME, range: `bytes=${first}-` }), BYTES, first, 999)
    }
    assertPart(await get(context, url, { ...ME, range: 'bytes=-10' }), BYTES, 990, 999)
    assert.equal(ledger.total, 1)
  }),
  rangesCase('the download may begin with a part, too', async (context, ledger) => {
    const url = await once(context)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    assertPart(await get(context, url, { ...ME, range: 'bytes=0-9' }), BYTES, 0, 9)
    assert.equal(ledger.total, 1)
  }),
  rangesCase('of many parts asked for at once all are one download', async (context, ledger) => {
    const url = await once(context)
    const parts = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        get(context, url, { ...ME, range: `bytes=${at * 50}-${at * 50 + 49}` }),
      ),
    )
    for (const [at, part] of parts.entries()) assertPart(part, BYTES, at * 50, at * 50 + 49)
    assert.equal(ledger.total, 1)
  }),
  rangesCase('the whole again is another download', async (context) => {
    const url = await once(context, { maxDownloads: 2 })
    const { stat } = await context.put('b.bin', BYTES)
    assertWhole(await get(context, url, ME), BYTES)
    assertWhole(await get(context, url, ME), BYTES)
    assertProblem(await get(context, url, ME), 403, 'exhausted')
    const other = await readUrl(context, 'b.bin', { maxDownloads: 1, resumeWindow: 600 })
    assertPart(await get(context, other, { ...PART, 'if-range': stat.etag }), BYTES, 10, 19)
    // Each of these is answered with the whole, whatever part it asks for.
    for (const fields of [
      { range: 'bytes=0-1,5-6' },
      { range: 'bytes=0-1', 'if-range': '"another"' },
      { range: 'lines=1-2' },
      { 'if-none-match': '"another"' },
    ]) {
      assertProblem(await get(context, other, { ...ME, ...fields }), 403, 'exhausted')
    }
  }),
  rangesCase('a part that turns out to be the whole is counted as one', async (context, ledger) => {
    const url = await once(context, { maxDownloads: 2 })
    const changed = { ...PART, 'if-range': '"another"' }
    assertWhole(await get(context, url, changed), BYTES)
    assert.equal(ledger.total, 1)
    assertWhole(await get(context, url, changed), BYTES)
    assert.equal(ledger.total, 2)
    assertProblem(await get(context, url, changed), 403, 'exhausted')
    assertPart(await get(context, url, PART), BYTES, 10, 19)
  }),
  rangesCase('another client pays for itself', async (context) => {
    const url = await once(context)
    assertWhole(await get(context, url, ME), BYTES)
    for (const other of [{ 'user-agent': 'player/2' }, {}]) {
      assertProblem(await get(context, url, { ...PART, 'user-agent': '', ...other }), 403, 'exhausted')
    }
    assertPart(await get(context, url, PART), BYTES, 10, 19)
  }),
  rangesCase('behind the window a part is a download of its own', async (context, ledger) => {
    const url = await once(context, { maxDownloads: 2, resumeWindow: 60 })
    assertWhole(await get(context, url, ME), BYTES)
    context.clock.advance(30_000)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    // The part did not prolong it.
    context.clock.advance(29_999)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    assert.equal(ledger.total, 1)
    context.clock.advance(1)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    assert.equal(ledger.total, 2)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    context.clock.advance(60_000)
    assertProblem(await get(context, url, PART), 403, 'exhausted')
  }),
  limitCase('a window is no longer than the URL is valid', async (context) => {
    const url = await once(context, { expiresIn: 60 })
    assertWhole(await get(context, url, ME), BYTES)
    context.clock.advance(60_000)
    assertProblem(await get(context, url, PART), 403, 'expired')
  }),
  rangesCase('without a window each part is a download', async (context) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 2 })
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
    assertProblem(await get(context, url, PART), 403, 'exhausted')
  }),
  limitCase(
    'HEAD and 304 are not exhausted while the window is open, and cost nothing',
    async (context, ledger) => {
      const url = await once(context)
      const whole = await get(context, url, ME)
      const fresh = { ...ME, 'if-none-match': whole.headers.etag ?? '' }
      assertHeadOf(await head(context, url, ME), whole)
      assert.equal((await get(context, url, fresh)).status, 304)
      assert.equal(whole.headers['cache-control'], 'no-store')
      const other = { 'user-agent': 'other' }
      assert.equal((await head(context, url, other)).status, 403)
      assertProblem(await get(context, url, { ...fresh, ...other }), 403, 'exhausted')
      context.clock.advance(600_000)
      assert.equal((await head(context, url, ME)).status, 403)
      assertProblem(await get(context, url, fresh), 403, 'exhausted')
      assert.equal(ledger.total, 1)
    },
  ),
  rangesCase('what sends no bytes opens no window', async (context, ledger) => {
    const { stat } = await context.put('b.bin', BYTES)
    const url = await readUrl(context, 'b.bin', { maxDownloads: 1, resumeWindow: 60 })
    assert.equal((await get(context, url, { ...ME, 'if-none-match': stat.etag })).status, 304)
    assertProblem(await get(context, url, { ...ME, range: 'bytes=5000-' }), 416, 'range_not_satisfiable')
    assertProblem(await get(context, url, { ...ME, 'if-match': '"another"' }), 412, 'precondition_failed')
    assert.equal(ledger.total, 0)
    assertWhole(await get(context, url, { 'user-agent': 'other' }), BYTES)
    assertProblem(await get(context, url, PART), 403, 'exhausted')
  }),
  rangesCase('416 in an open window costs nothing', async (context, ledger) => {
    const url = await once(context)
    assertWhole(await get(context, url, ME), BYTES)
    assertProblem(await get(context, url, { ...ME, range: 'bytes=1000-' }), 416, 'range_not_satisfiable')
    assert.equal(ledger.total, 1)
    assertPart(await get(context, url, PART), BYTES, 10, 19)
  }),
  rangesCase(
    'a window is of one object: the others of a delegation cost a download each',
    async (context) => {
      for (const key of ['d/a.bin', 'd/b.bin']) await context.put(key, BYTES)
      const limits = { prefix: 'd/', maxDownloads: 1, resumeWindow: '1h' } as const
      const delegation = await context.files.issueSignedToken(limits)
      const read = async (key: string): Promise<string> =>
        (await presignUrl(delegation, { operation: 'get', key, now: context.clock.now })).url
      assertWhole(await get(context, await read('d/a.bin'), ME), BYTES)
      assertPart(await get(context, await read('d/a.bin'), PART), BYTES, 10, 19)
      assertProblem(await get(context, await read('d/b.bin'), PART), 403, 'exhausted')
    },
  ),
  rangesCase('the window of one limit opens no other', async (context, ledger) => {
    const short = await once(context, { maxDownloads: 2, resumeWindow: 60 })
    const { now } = context.clock
    const long = (await narrow(short, { maxDownloads: 9, resumeWindow: '1h', now })).url
    const none = (await narrow(short, { maxDownloads: 2, now })).url
    assertWhole(await get(context, long, ME), BYTES)
    assertPart(await get(context, long, PART), BYTES, 10, 19)
    assert.equal(ledger.total, 2)
    context.clock.advance(60_000)
    // The limit of the shorter token counts again, although the appended one's window is open.
    assertPart(await get(context, long, PART), BYTES, 10, 19)
    assert.equal(ledger.total, 3)
    context.clock.advance(60_000)
    assertProblem(await get(context, long, PART), 403, 'exhausted')
    assertProblem(await get(context, none, PART), 403, 'exhausted')
  }),
  rangesCase('a limit without a window counts each part beside one that has it', async (context) => {
    const url = await once(context)
    const { now } = context.clock
    const both = (await narrow(url, { maxDownloads: 2, now })).url
    assertPart(await get(context, both, PART), BYTES, 10, 19)
    assertPart(await get(context, both, PART), BYTES, 10, 19)
    assertProblem(await get(context, both, PART), 403, 'exhausted')
  }),
  limitCase('the ledger learns neither address nor browser', async (context, ledger) => {
    const seen: string[] = []
    const claim = ledger.claim.bind(ledger)
    ledger.claim = async (given) => {
      seen.push(given.resume?.client ?? '')
      return claim(given)
    }
    const one = await once(context, { maxDownloads: 5 })
    const two = await once(context, { maxDownloads: 5 })
    for (const url of [one, one, two]) await get(context, url, PART)
    assert.match(seen[0] ?? '', /^[A-Za-z0-9_-]{43}$/)
    assert.equal(seen[0], seen[1])
    assert.notEqual(seen[0], seen[2])
  }),
]
