import assert from 'node:assert/strict'
import { narrow } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, head, patternBytes, readUrl, request, targetOf } from '../http-cases/exchange.js'
import {
  assertHeadOf,
  assertNotStored,
  assertPart,
  assertProblem,
  assertWhole,
} from '../http-cases/expect.js'
import type { ClientFields, ClientReply } from '../http-client.js'
import { limitCase, rangesCase } from './case-ledger.js'

const BYTES = patternBytes(1000)
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const ME = { 'user-agent': 'browser/1' }
const NAVIGATION = { ...ME, 'sec-fetch-mode': 'navigate', accept: 'text/html' }
const PART = { ...ME, range: 'bytes=10-19' }

function post(
  context: HttpCaseContext,
  url: string,
  headers: ClientFields = {},
  body = 'confirm=1',
): Promise<ClientReply> {
  return request(context, url, { method: 'POST', headers: { ...FORM, ...ME, ...headers }, body })
}

function assertPage(reply: ClientReply, name: string): void {
  assert.equal(reply.status, 200)
  assert.match(reply.headers['content-type'] ?? '', /^text\/html/)
  assert.match(reply.headers['content-security-policy'] ?? '', /form-action 'self'; frame-ancestors 'none'/)
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['referrer-policy'], 'no-referrer')
  const text = reply.body.toString()
  assert.ok(text.includes(`<bdi>${name}</bdi>`), text)
  assert.match(text, /<form method="post"><button name="confirm" value="1">/)
  assert.doesNotMatch(text, /<script|action=/)
}

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
  {
    ...limitCase('no name breaks out of the page', async (context) => {
      const name = `<script>alert("1")</script>'&\u202egnp.exe`
      await context.put('a.bin', BYTES)
      const url = await readUrl(context, 'a.bin', { confirm: true, download: name })
      const page = await get(context, url, NAVIGATION)
      assertPage(page, '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;\ufffdgnp.exe')
      await context.put('<b>x', BYTES)
      assertPage(
        await get(context, await readUrl(context, '<b>x', { confirm: true }), NAVIGATION),
        '&lt;b&gt;x',
      )
    }),
    needs: ['everyKey'],
  },
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
  limitCase('only the form confirms', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 1, confirm: true })
    for (const body of [
      '',
      'confirm',
      'confirm=',
      'confirm=0',
      'confirm=1&',
      'confirm=1&confirm=1',
      'x'.repeat(70_000),
    ]) {
      assertProblem(await post(context, url, {}, body), 400, 'bad_request')
    }
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', 'a']) {
      assertProblem(await post(context, url, { 'content-type': type }), 415, 'unsupported_media_type')
    }
    const bare = await request(context, url, { method: 'POST' })
    assertProblem(bare, 415, 'unsupported_media_type')
    assertProblem(await post(context, url, { 'content-encoding': 'gzip' }), 415, 'unsupported_encoding')
    assert.equal(ledger.claims, 0)
    const spelled = { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' }
    assertWhole(await post(context, url, spelled), BYTES)
  }),
  limitCase('the form of another site confirms nothing', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 2, confirm: true })
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }
    assertProblem(await post(context, url, foreign), 403, 'confirmation_required')
    assert.equal(ledger.claims, 0)
    assertWhole(await post(context, url, { 'sec-fetch-site': 'same-origin', origin: 'null' }), BYTES)
    const open = await context.serve({ ledger, cors: { origins: ['https://app.example'] } })
    assertProblem(
      await post(open, url, { ...foreign, origin: 'https://evil.example' }),
      403,
      'confirmation_required',
    )
    assertWhole(await post(open, url, foreign), BYTES)
  }),
  limitCase('a form asks for the whole, whatever its sender has', async (context) => {
    const { stat } = await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { confirm: true })
    for (const fields of [
      { range: 'bytes=0-9' },
      { 'if-none-match': stat.etag },
      { 'if-match': '"another"' },
    ]) {
      assertWhole(await post(context, url, fields), BYTES)
    }
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
  limitCase('a POST with any other token stays 405, and tells nothing', async (context, ledger) => {
    await context.put('a.bin', BYTES)
    const url = await readUrl(context, 'a.bin', { maxDownloads: 1 })
    const confirmed = await readUrl(context, 'a.bin', { maxDownloads: 1, confirm: true, expiresIn: 60 })
    for (const each of [url, url.replace(/\?.*/, ''), `${url}x`]) {
      const reply = await post(context, each)
      assertProblem(reply, 405, 'method_not_allowed')
      assert.doesNotMatch(reply.headers.allow ?? '', /POST/)
    }
    assertProblem(await post(context, confirmed.replace('a.bin', 'b.bin')), 403, 'invalid_signature')
    assertProblem(await request(context, confirmed, { method: 'PATCH' }), 405, 'method_not_allowed')
    const allow = async (target: string): Promise<string> =>
      (await request(context, target, { method: 'OPTIONS' })).headers.allow ?? ''
    assert.match(await allow(confirmed), /POST/)
    assert.doesNotMatch(await allow(url), /POST/)
    context.clock.advance(60_000)
    assertProblem(await post(context, confirmed), 403, 'expired')
    assert.equal(ledger.claims, 0)
  }),
  limitCase(
    'minting routes and uploads in parts are not taken for it, nor it for them',
    async (context, ledger) => {
      const minting = await context.serve({ ledger, authorize: () => ({}) })
      await context.put('a.bin/signed-url', BYTES)
      const url = await readUrl(context, 'a.bin/signed-url', { confirm: true, maxDownloads: 9 })
      assertWhole(await post(minting, url), BYTES)
      const json = { 'content-type': 'application/json' }
      const mint = { method: 'POST', headers: json, body: '{}' }
      assertProblem(await request(minting, url.replace(/\?.*/, ''), mint), 404, 'not_found')
      assertProblem(await request(minting, url, mint), 415, 'unsupported_media_type')
      // Parameters beside a token that reads mean nothing.
      assertWhole(await post(minting, `${url}&uploads`), BYTES)
      assertWhole(await post(minting, `${url}&uploadId=x`), BYTES)
    },
  ),
  limitCase('a token in the path is confirmed there', async (context) => {
    await context.put('t/a.bin', BYTES)
    const delegation = await context.files.issueSignedToken({ prefix: 't/', confirm: true })
    const token = `${delegation.delegationToken}.${delegation.clientSigningToken}`
    const path = `${context.mount}/${token}/t/a.bin`
    assertPage(await get(context, path, NAVIGATION), 'a.bin')
    assertWhole(await post(context, path), BYTES)
    const plain = await context.files.issueSignedToken({ prefix: 't/' })
    const other = `${plain.delegationToken}.${plain.clientSigningToken}`
    assertProblem(await post(context, `${context.mount}/${other}/t/a.bin`), 405, 'method_not_allowed')
    // To a POST of any other kind it is a part of the key.
    const begin = await request(context, `${context.mount}/${other}/t/b.bin?uploads`, { method: 'POST' })
    assertProblem(begin, 403, 'token_required')
  }),
  limitCase('a forged token gets no page', async (context) => {
    await context.put('a.bin', BYTES)
    const url = targetOf(await readUrl(context, 'a.bin', { confirm: true }))
    const forged = url.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
    const page = await get(context, forged, NAVIGATION)
    assert.equal(page.status, 403)
    assertNotStored(page)
    assertProblem(await post(context, forged), 403, 'invalid_signature')
  }),
]
