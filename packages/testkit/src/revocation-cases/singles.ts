import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, head, patternBytes, put, readUrl, remove, request, targetOf } from '../http-cases/exchange.js'
import {
  assertAbsent,
  assertProblem,
  assertSameReply,
  assertStored,
  assertWhole,
  refused,
} from '../http-cases/expect.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { revocationCase } from './case-ledger.js'

const TEXT = 'some text'
const revocable = true

/** One URL that is revoked, and what its holder is told. */
export const singleCases: readonly HttpCase[] = [
  revocationCase('a URL that is revoked reads nothing any more, and others do', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    const twin = await readUrl(context, 'a.txt', { revocable })
    const stateless = await readUrl(context, 'a.txt')
    assertWhole(await get(context, url), TEXT)
    await context.files.revoke({ url })
    assertProblem(await get(context, url), 403, 'revoked')
    assertProblem(await get(context, url, { range: 'bytes=0-0' }), 403, 'revoked')
    const { status, body } = await head(context, url)
    assert.deepEqual([status, body.byteLength], [403, 0])
    for (const other of [twin, stateless]) assertWhole(await get(context, other), TEXT)
  }),
  revocationCase('a URL is revoked by the id it was minted with', async (context) => {
    await context.put('a.txt', TEXT)
    const { url, id } = await context.files.signedUrl('a.txt', { revocable })
    assert.ok(id !== undefined)
    await context.files.revoke({ id })
    assertProblem(await get(context, url), 403, 'revoked')
  }),
  revocationCase('an upload URL that is revoked stores nothing', async (context) => {
    await context.put('a.txt', TEXT)
    const upload = await context.files.signedUploadUrl('a.txt', { revocable, allowOverwrite: true })
    await context.files.revoke({ url: upload.url })
    await refused(context, 'a.txt', [403, 'revoked'], () => put(context, upload.url, 'other'))
    await assertStored(context, 'a.txt', TEXT)
  }),
  revocationCase('an upload that is refused as revoked is not read', async (context) => {
    const { url } = await context.files.signedUploadUrl('a.txt', { revocable })
    await context.files.revoke({ url })
    const connection = await RawConnection.open(context.origin)
    const length = 50_000_000
    await connection.write(
      `PUT ${targetOf(url)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    const reply = await connection.reply()
    assert.equal(reply.status, 403)
    connection.reset()
    await assertAbsent(context, 'a.txt')
  }),
  revocationCase('a URL to remove that is revoked removes nothing', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable, operations: ['delete'] })
    await context.files.revoke({ url })
    await refused(context, 'a.txt', [403, 'revoked'], () => remove(context, url))
    await assertStored(context, 'a.txt', TEXT)
  }),
  revocationCase('a tree URL that is revoked opens none of its objects', async (context) => {
    for (const key of ['v/1/list.m3u8', 'v/1/a/0.ts']) await context.put(key, TEXT)
    for (const options of [{ revocable, entry: 'list.m3u8' }, { revocable }]) {
      const { url } = await context.files.signedTreeUrl('v/1/', options)
      const segment = `${targetOf(url).slice(0, targetOf(url).indexOf('/v/1/'))}/v/1/a/0.ts`
      assertWhole(await get(context, segment), TEXT)
      await context.files.revoke({ url })
      assertProblem(await get(context, segment), 403, 'revoked')
      assertProblem(await get(context, segment.replace('a/0.ts', 'list.m3u8')), 403, 'revoked')
    }
  }),
  revocationCase('a URL that is revoked tells nothing of the object', async (context) => {
    const { stat } = await context.put('a.txt', TEXT)
    const operations = ['get', 'head', 'delete'] as const
    const urls = await Promise.all(
      ['a.txt', 'absent.txt'].map((key) => readUrl(context, key, { revocable, operations })),
    )
    const [present = '', absent = ''] = urls
    for (const url of urls) await context.files.revoke({ url })
    for (const headers of [
      { 'if-none-match': stat.etag },
      { 'if-match': '"another"' },
      { 'if-modified-since': stat.lastModified.toUTCString() },
      { range: 'bytes=99-' },
      {},
    ]) {
      for (const method of ['GET', 'HEAD', 'DELETE']) {
        const one = await request(context, present, { method, headers })
        assert.equal(one.status, 403)
        assertSameReply(one, await request(context, absent, { method, headers }))
      }
    }
    await assertStored(context, 'a.txt', TEXT)
  }),
  revocationCase('what a browser keeps of a revocable URL, it asks about each time', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    const { headers } = await get(context, url)
    assert.equal(headers['cache-control'], 'private, no-cache')
    const again = { 'if-none-match': headers.etag ?? '' }
    assert.equal((await get(context, url, again)).status, 304)
    const kept = await readUrl(context, 'a.txt', { revocable, cacheControlMaxAge: 60 })
    assert.equal((await get(context, kept)).headers['cache-control'], 'private, max-age=60')
    await context.files.revoke({ url })
    assertProblem(await get(context, url, again), 403, 'revoked')
  }),
  revocationCase('a download under way goes on, and the next is refused', async (context) => {
    const bytes = patternBytes(8 * 1024 * 1024)
    await context.put('big.bin', bytes)
    const { url } = await context.files.signedUrl('big.bin', { revocable })
    const connection = await RawConnection.open(context.origin)
    await connection.write(`GET ${targetOf(url)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    while (!connection.hasUnread) await new Promise((resolve) => setTimeout(resolve, 5))
    await context.files.revoke({ url })
    const reply = await connection.reply()
    assert.equal(reply.status, 200)
    assert.ok(reply.body.equals(bytes))
    assertProblem(await get(context, url), 403, 'revoked')
  }),
  revocationCase('a revoked link that asks first neither asks nor sends', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable, confirm: true })
    const page = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const press = () => request(context, url, { method: 'POST', headers: form, body: 'confirm=1' })
    assert.match((await get(context, url, page)).body.toString(), /<form/)
    assertWhole(await press(), TEXT)
    await context.files.revoke({ url })
    const { status, body } = await get(context, url, page)
    assert.equal(status, 403)
    assert.doesNotMatch(body.toString(), /<form/)
    assertProblem(await press(), 403, 'revoked')
  }),
  revocationCase('a revoked URL of a public object is refused, and its plain URL is not', async (context) => {
    if (!context.driver.capabilities.metadata) return
    await context.put('a.txt', TEXT, { visibility: 'public' })
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    await context.files.revoke({ url })
    assertProblem(await get(context, url), 403, 'revoked')
    assertWhole(await get(context, targetOf(url).split('?')[0] ?? ''), TEXT)
  }),
  revocationCase('an expired URL is expired, revoked or not, and nobody looks', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable, expiresIn: 60 })
    await context.files.revoke({ url })
    context.clock.advance(60_000)
    assertProblem(await get(context, url), 403, 'expired')
    assert.equal(ledger.looks, 0)
    await context.files.revoke({ url })
  }),
]
