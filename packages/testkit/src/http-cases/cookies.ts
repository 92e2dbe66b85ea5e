import assert from 'node:assert/strict'
import { CaseLedger } from '../download-limit-cases/case-ledger.js'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { having, JUNK, signed } from './cookie-case.js'
import { below, get, head, put, remove, request, targetOf } from './exchange.js'
import {
  assertAbsent,
  assertHeadOf,
  assertNotStored,
  assertProblem,
  assertSameReply,
  assertWhole,
  refused,
  variesBy,
} from './expect.js'
import { OUTSIDE, PLAYLIST, PREFIX, pathTokenOf } from './tree-case.js'

/** Signed cookies: a tree at plain URLs, for the browser that has the cookie. */
export const cookieCases: readonly HttpCase[] = [
  {
    name: 'cookie: it opens what lies below its prefix, and the reply stays with that browser',
    async run(context) {
      const cookie = await signed(context)
      const target = targetOf(new URL('index.m3u8', cookie.url).href)
      const reply = await get(context, target, having(cookie))
      assertWhole(reply, 'playlist')
      assert.match(reply.headers['cache-control'] ?? '', /^private, max-age=\d+$/)
      assert.ok(variesBy('cookie', reply), `Vary: ${reply.headers.vary}`)
      assertHeadOf(await head(context, target, having(cookie)), reply)
      const { etag = '' } = reply.headers
      const unmodified = await get(context, target, { ...having(cookie), 'if-none-match': etag })
      assert.equal(unmodified.status, 304)
      assert.ok(variesBy('cookie', unmodified))
      assertProblem(await get(context, below(context, `/${PREFIX}absent`), having(cookie)), 404, 'not_found')
      assertProblem(await get(context, target), 403, 'token_required')
    },
  },
  {
    name: 'cookie: nothing outside its prefix is opened',
    async run(context) {
      const cookie = await signed(context)
      for (const path of [`/${OUTSIDE}`, '/videos/42', '/videos/42.m3u8', '/absent']) {
        const reply = await refused(context, OUTSIDE, [403, 'invalid_signature'], () =>
          get(context, below(context, path), having(cookie)),
        )
        assertNotStored(reply)
      }
    },
  },
  {
    name: 'cookie: it never writes, whatever its token grants',
    async run(context) {
      await signed(context)
      const all = await context.files.issueSignedToken({
        prefix: PREFIX,
        operations: ['get', 'head', 'put', 'delete'],
        allowOverwrite: true,
      })
      const cookie = having(`latchkey=${all.delegationToken}.${all.clientSigningToken}`)
      const target = below(context, `/${PLAYLIST}`)
      assertWhole(await get(context, target, cookie), 'playlist')
      await refused(context, PLAYLIST, [403, 'token_required'], () => put(context, target, 'new', cookie))
      await refused(context, PLAYLIST, [403, 'token_required'], () => remove(context, target, cookie))
      await refused(context, PLAYLIST, [405, 'method_not_allowed'], () =>
        request(context, target, { method: 'POST', headers: cookie, body: 'x' }),
      )
      for (const query of ['?uploads', '?uploadId=x', '?uploadId=x&partNumber=1']) {
        for (const method of ['POST', 'PUT', 'DELETE']) {
          const body = method === 'DELETE' ? {} : { body: 'x' }
          const reply = await request(context, target + query, { method, headers: cookie, ...body })
          assert.ok([403, 405].includes(reply.status), `${method} ${query}: ${reply.status}`)
        }
        assertWhole(await get(context, target + query, cookie), 'playlist')
      }
      await put(context, below(context, `/${PREFIX}new`), 'new', cookie)
      await assertAbsent(context, `${PREFIX}new`)
    },
  },
  {
    name: 'cookie: one that holds but has expired, or not begun, says so',
    async run(context) {
      const now = context.clock.now()
      const cookie = await signed(context, { notBefore: now + 10_000, validUntil: now + 60_000 })
      const target = below(context, `/${PLAYLIST}`)
      const ask = () => get(context, target, having(`latchkey=${JUNK}`, cookie, `latchkey=${JUNK}`))
      context.clock.advance(9_999)
      await refused(context, PLAYLIST, [403, 'not_yet_valid'], ask)
      context.clock.advance(1)
      assertWhole(await ask(), 'playlist')
      context.clock.advance(50_000)
      await refused(context, PLAYLIST, [403, 'expired'], ask)
      const absent = await get(context, below(context, `/${PREFIX}absent`), having(cookie))
      assertSameReply(absent, await get(context, target, having(cookie)))
    },
  },
  {
    name: 'cookie: no signer can have a shared cache keep what it opens',
    async run(context) {
      await signed(context)
      const { url } = await context.files.signedTreeUrl(PREFIX, {
        responseHeaders: { 'cache-control': 'public, max-age=9', expires: 'never', 'x-robots-tag': 'none' },
      })
      const token = pathTokenOf(context, url)
      const { headers } = await get(context, below(context, `/${PLAYLIST}`), having(`latchkey=${token}`))
      assert.match(headers['cache-control'] ?? '', /^private, max-age=\d+$/)
      assert.equal(headers.expires, undefined)
      assert.equal(headers['x-robots-tag'], 'none')
    },
  },
  {
    name: 'cookie: a token whose downloads are limited opens nothing by cookie',
    async run(context) {
      await signed(context)
      const { url } = await context
        .another({ ledger: new CaseLedger() })
        .signedTreeUrl(PREFIX, { maxDownloads: 5 })
      const token = pathTokenOf(context, url)
      await refused(context, PLAYLIST, [403, 'invalid_signature'], () =>
        get(context, below(context, `/${PLAYLIST}`), having(`latchkey=${token}`)),
      )
    },
  },
  {
    name: 'cookie: pages of other origins use it only where cors says credentials',
    options: { cors: { origins: ['https://app.example'] } },
    async run(context) {
      const cookie = await signed(context)
      const ask = (where: HttpCaseContext, origin: string) =>
        get(where, below(where, `/${PLAYLIST}`), { ...having(cookie), origin })
      const credentials = 'access-control-allow-credentials'
      assert.equal((await ask(context, 'https://app.example')).headers[credentials], undefined)
      const origins = ['https://app.example']
      const served = await context.serve({ cors: { origins, credentials: true } })
      const reply = await ask(served, 'https://app.example')
      assert.equal(reply.headers[credentials], 'true')
      assert.equal(reply.headers['access-control-allow-origin'], 'https://app.example')
      assert.ok(variesBy('cookie', reply))
      assert.equal((await ask(served, 'https://evil.example')).headers[credentials], undefined)
      assert.throws(() => context.another({ cors: { origins: '*', credentials: true } }), {
        code: 'invalid_option',
      })
    },
  },
]
