import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, head, patternBytes, readUrl, removeUrl, request, uploadUrl } from '../http-cases/exchange.js'
import { assertPart, assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase, rangesCase } from './case-ledger.js'

const TEXT = 'some text'

/** What counts as a download, and what does not. */
export const countingCases: readonly HttpCase[] = [
  limitCase('a URL for two downloads serves twice, then is 403 exhausted', async (context) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 2 })
    assertWhole(await get(context, url), TEXT)
    assertWhole(await get(context, url), TEXT)
    const reply = await get(context, url)
    assertProblem(reply, 403, 'exhausted')
    const stranger = await get(context, `${url}x`)
    const detail = (body: Buffer): unknown => JSON.parse(body.toString()).detail
    assert.equal(detail(reply.body), detail(stranger.body))
    assertProblem(await get(context, url), 403, 'exhausted')
  }),
  limitCase('of 100 GETs at once on a limit of 3 exactly 3 are served', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 3 })
    const replies = await Promise.all(Array.from({ length: 100 }, () => get(context, url)))
    const served = replies.filter(({ status }) => status === 200)
    assert.equal(served.length, 3)
    for (const reply of served) assertWhole(reply, TEXT)
    for (const reply of replies) if (reply.status !== 200) assertProblem(reply, 403, 'exhausted')
    await ledger.assertUsed(3)
  }),
  rangesCase(
    'each range is a download, as are several at once and an If-Range that does not hold',
    async (context) => {
      const bytes = patternBytes(1000)
      const { stat } = await context.put('a.bin', bytes)
      const url = await readUrl(context, 'a.bin', { maxDownloads: 4 })
      assertPart(await get(context, url, { range: 'bytes=0-0' }), bytes, 0, 0)
      assertPart(await get(context, url, { range: 'bytes=-10', 'if-range': stat.etag }), bytes, 990, 999)
      assertWhole(await get(context, url, { range: 'bytes=0-1,5-6' }), bytes)
      assertWhole(await get(context, url, { range: 'bytes=0-1', 'if-range': '"another"' }), bytes)
      assertProblem(await get(context, url, { range: 'bytes=0-0' }), 403, 'exhausted')
    },
  ),
  limitCase('HEAD costs nothing, also many at once beside a GET', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    const heads = await Promise.all(Array.from({ length: 20 }, () => head(context, url)))
    assert.deepEqual(new Set(heads.map(({ status }) => status)), new Set([200]))
    assert.equal(ledger.claims, 0)
    const [reply] = await Promise.all([get(context, url), head(context, url), head(context, url)])
    assertWhole(reply, TEXT)
  }),
  rangesCase('304, 412, 416 and 404 cost nothing', async (context, ledger) => {
    const absent = await readUrl(context, 'absent.txt', { maxDownloads: 1 })
    assertProblem(await get(context, absent), 404, 'not_found')
    assert.equal((await head(context, absent)).status, 404)
    assertProblem(await get(context, absent), 404, 'not_found')
    const { stat } = await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    const fresh = await get(context, url, { 'if-none-match': stat.etag })
    assert.equal(fresh.status, 304)
    assertProblem(await get(context, url, { 'if-match': '"another"' }), 412, 'precondition_failed')
    assertProblem(await get(context, url, { range: 'bytes=99-' }), 416, 'range_not_satisfiable')
    assert.equal(ledger.total, 0)
    assertWhole(await get(context, url), TEXT)
    assert.equal(ledger.total, 1)
  }),
  limitCase('an empty object is a download like any other', async (context) => {
    await context.put('empty.bin', '')
    const url = await readUrl(context, 'empty.bin', { maxDownloads: 1 })
    assertWhole(await get(context, url), '')
    assertProblem(await get(context, url), 403, 'exhausted')
  }),
  rangesCase('a large object comes unaltered, and counts once', async (context, ledger) => {
    const bytes = patternBytes(3 * 1024 * 1024 + 7)
    await context.put('big.bin', bytes)
    const url = await readUrl(context, 'big.bin', { maxDownloads: 5 })
    assertWhole(await get(context, url), bytes)
    assertPart(await get(context, url, { range: 'bytes=1000000-2000000' }), bytes, 1_000_000, 2_000_000)
    assert.equal(ledger.total, 2)
  }),
  limitCase('what else a limited URL allows is not a download', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await removeUrl(context, 'a.txt', { operations: ['get', 'delete'], maxDownloads: 1 })
    assertWhole(await get(context, url), TEXT)
    assert.equal((await request(context, url, { method: 'DELETE' })).status, 204)
    assert.equal(ledger.total, 1)
  }),
  limitCase('URLs without a limit ask no ledger', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    ledger.onClaim = async () => assert.fail('the ledger was asked')
    ledger.onIsSpent = ledger.onClaim
    const url = await readUrl(context, 'a.txt')
    for (const method of ['GET', 'HEAD', 'GET'])
      assert.equal((await request(context, url, { method })).status, 200)
    const upload = await uploadUrl(context, 'b.txt', { allowOverwrite: true })
    assert.equal((await request(context, upload, { method: 'PUT', body: 'x' })).status, 201)
    assert.equal(ledger.claims, 0)
  }),
]
