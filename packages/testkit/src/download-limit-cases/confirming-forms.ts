import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, readUrl, request, targetOf } from '../http-cases/exchange.js'
import { assertNotStored, assertProblem, assertWhole } from '../http-cases/expect.js'
import { limitCase } from './case-ledger.js'
import { assertPage, BYTES, NAVIGATION, post } from './confirm-case.js'

/** What confirms a download, and what does not. */
export const confirmingFormCases: readonly HttpCase[] = [
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
]
