import assert from 'node:assert/strict'
import type { SignedCookie } from '@latchkey/core'
import type { CookieOptions } from '@latchkey/core/token'
import { CaseLedger } from '../download-limit-cases/case-ledger.js'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, head, put, readUrl, remove, request, targetOf } from './exchange.js'
import {
  assertAbsent,
  assertHeadOf,
  assertNotStored,
  assertProblem,
  assertSameReply,
  assertWhole,
  refused,
} from './expect.js'

const PREFIX = 'videos/42/'
const PLAYLIST = `${PREFIX}index.m3u8`
const OUTSIDE = 'videos/43/index.m3u8'
const JUNK = 'k1.e9999999999~ogh.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** A cookie over a stored playlist, with a file beside its tree. */
async function signed(context: HttpCaseContext, options?: CookieOptions): Promise<SignedCookie> {
  await context.put(PLAYLIST, 'playlist')
  await context.put(OUTSIDE, 'outside')
  return context.files.signedCookie(PREFIX, options)
}

/** The header of a browser that has these cookies. */
function having(...cookies: readonly (SignedCookie | string)[]): { readonly cookie: string } {
  return {
    cookie: cookies
      .map((each) => (typeof each === 'string' ? each : `${each.name}=${each.value}`))
      .join('; '),
  }
}

/** The attributes of a `Set-Cookie` header. */
function attributesOf({ header }: SignedCookie): string[] {
  return header.split('; ').slice(1)
}

function varies(headers: Readonly<Record<string, string>>): boolean {
  return (headers.vary ?? '').toLowerCase().split(/, */).includes('cookie')
}

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
      assert.ok(varies(reply.headers), `Vary: ${reply.headers.vary}`)
      assertHeadOf(await head(context, target, having(cookie)), reply)
      const { etag = '' } = reply.headers
      const unmodified = await get(context, target, { ...having(cookie), 'if-none-match': etag })
      assert.equal(unmodified.status, 304)
      assert.ok(varies(unmodified.headers))
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
    name: 'cookie: the header has what keeps it in its place',
    async run(context) {
      const cookie = await signed(context, { expiresIn: '10m' })
      const { name, value, path } = cookie
      assert.equal(path, `${context.mount}/${PREFIX}`)
      assert.ok(cookie.url.endsWith(path))
      assert.equal(cookie.header.split('; ')[0], `${name}=${value}`)
      assert.deepEqual(attributesOf(cookie).sort(), [
        'HttpOnly',
        'Max-Age=600',
        `Path=${path}`,
        'SameSite=Lax',
        'Secure',
      ])
      assert.match(value, /^[A-Za-z0-9._~-]+$/)
      assert.equal(cookie.expiresAt.getTime(), context.clock.now() + 600_000)
    },
  },
  {
    name: 'cookie: over plain HTTP it is not Secure, and then not for other sites',
    async run(context) {
      const local = context.another({ baseUrl: 'http://localhost:3000/files' })
      assert.ok(!attributesOf(await local.signedCookie(PREFIX)).includes('Secure'))
      for (const options of [{ secure: true }, { sameSite: 'none' }] as const) {
        await assert.rejects(local.signedCookie(PREFIX, options), { code: 'invalid_option' })
      }
      const relative = context.another({ baseUrl: '/files' })
      assert.ok(attributesOf(await relative.signedCookie(PREFIX)).includes('Secure'))
      assert.ok(!attributesOf(await relative.signedCookie(PREFIX, { secure: false })).includes('Secure'))
      const root = context.another({ baseUrl: 'https://files.example' })
      const whole = await root.signedCookie('', { wholeMount: true })
      assert.deepEqual([whole.path, whole.url], ['/', 'https://files.example/'])
    },
  },
  {
    name: 'cookie: site, domain and the rest are as told, or refused',
    async run(context) {
      const { files } = context
      const strict = await files.signedCookie(PREFIX, { sameSite: 'strict', domain: 'Files.example' })
      assert.ok(strict.header.includes('; SameSite=Strict'))
      assert.ok(strict.header.includes('; Domain=files.example;'))
      assert.equal(strict.domain, 'files.example')
      const none = await files.signedCookie(PREFIX, { sameSite: 'none', domain: 'example' })
      assert.ok(none.header.includes('; SameSite=None; Secure'))
      for (const options of [
        { sameSite: 'Lax' },
        { domain: 'other.example' },
        { domain: 'les.example' },
        { domain: '' },
        { domain: '.example' },
        { domain: 'a.example; Path=/' },
        { domain: 'exämple' },
        { secure: 'false' },
        { maxDownloads: 1 },
        { entry: 'index.m3u8' },
        { expiresIn: '8d' },
        { wholeMount: true },
        { download: 'a name' },
        { responseHeaders: { 'cache-control': 'public' } },
        { responseHeaders: { Expires: 'never' } },
        { responseHeaders: { 'content-type': 'text/html' } },
      ] as object[]) {
        await assert.rejects(
          files.signedCookie(PREFIX, options),
          { code: 'invalid_option' },
          JSON.stringify(options),
        )
      }
      await assert.rejects(files.signedCookie(''), { code: 'invalid_option' })
      for (const prefix of ['videos', '/videos/', 'a;\n/']) {
        await assert.rejects(files.signedCookie(prefix), { code: 'invalid_key' }, prefix)
      }
    },
  },
  {
    name: 'cookie: one that browsers would not keep is refused where it is signed',
    async run(context) {
      const long = `${'ü'.repeat(200)}/`
      await assert.rejects(context.files.signedCookie(long), { code: 'invalid_option' })
      const semicolon = context.another({ baseUrl: 'https://files.example/a;b' })
      await assert.rejects(semicolon.signedCookie(PREFIX), { code: 'invalid_option' })
      const { path, header } = await context.files.signedCookie('a;b, c/ü=1/')
      assert.equal(path, `${context.mount}/a%3Bb%2C%20c/%C3%BC%3D1/`)
      assert.equal(header.split(';').length, 6)
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
    name: 'cookie: a token in the query or the path decides alone',
    async run(context) {
      const cookie = await signed(context)
      const inQuery = below(context, `/${PLAYLIST}?token=junk`)
      assertProblem(await get(context, inQuery, having(cookie)), 403, 'invalid_signature')
      const inPath = below(context, `/${JUNK}/${PLAYLIST}`)
      assertProblem(await get(context, inPath, having(cookie)), 403, 'invalid_signature')
      const good = await get(context, await readUrl(context, OUTSIDE), having(cookie))
      assertWhole(good, 'outside')
      assert.ok(!varies(good.headers))
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
    name: 'cookie: of several the one that opens counts, wherever among eight it stands',
    async run(context) {
      const cookie = await signed(context)
      const target = below(context, `/${PLAYLIST}`)
      const junk = (count: number) => Array.from({ length: count }, () => `latchkey=${JUNK}`)
      const outer = await context.files.signedCookie('videos/')
      const other = await context.files.signedCookie('videos/43/')
      for (const cookies of [
        [other, cookie],
        [cookie, other],
        [outer, other],
        [...junk(7), cookie],
        [cookie, ...junk(20)],
        ['a=b', 'latchkey=', 'latchkey', `Latchkey=${cookie.value}`, ';;', '=x', 'latchkey=a.b', cookie],
      ]) {
        assertWhole(await get(context, target, having(...cookies)), 'playlist')
      }
      await refused(context, PLAYLIST, [403, 'invalid_signature'], () =>
        get(context, target, having(...junk(8), cookie)),
      )
    },
  },
  {
    name: 'cookie: a value that is spelled in another way is none',
    async run(context) {
      const { name, value } = await signed(context)
      const target = below(context, `/${PLAYLIST}`)
      for (const cookie of [
        `${name}="${value}"`,
        `${name}=%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
        `${name}=${value} `,
        `${name}= ${value}`,
        `${name} =${value}`,
        `${name}=${value},x`,
        `${name}=${value}=`,
        `__Host-${name}=${value}`,
        value,
      ]) {
        await refused(context, PLAYLIST, [403, 'token_required'], () =>
          get(context, target, having('first=1', cookie, 'last=1')),
        )
      }
      for (const at of [3, 20, value.length - 20]) {
        const other = value[at] === 'A' ? 'B' : 'A'
        const altered = value.slice(0, at) + other + value.slice(at + 1)
        const reply = await get(context, target, having(`${name}=${altered}`))
        assert.equal(reply.status, 403, altered)
      }
    },
  },
  {
    name: 'cookie: one that opens nothing takes nothing from what is public',
    needs: ['metadata'],
    async run(context) {
      await context.put('public.txt', 'for all', { visibility: 'public' })
      await context.put('private.txt', 'not for all')
      const expired = await context.files.signedCookie('', { wholeMount: true, expiresIn: 1 })
      context.clock.advance(1000)
      const target = below(context, '/public.txt')
      const plain = await get(context, target)
      for (const cookies of [[expired], [`latchkey=${JUNK}`], ['latchkey='], ['junk', ';', '=']]) {
        const reply = await get(context, target, having(...cookies))
        assertWhole(reply, 'for all')
        assertSameReply(reply, plain)
      }
      assertProblem(await get(context, below(context, '/private.txt'), having(expired)), 403, 'expired')
    },
  },
  {
    name: 'cookie: no signer can have a shared cache keep what it opens',
    async run(context) {
      await signed(context)
      const { url } = await context.files.signedTreeUrl(PREFIX, {
        responseHeaders: { 'cache-control': 'public, max-age=9', expires: 'never', 'x-robots-tag': 'none' },
      })
      const token = targetOf(url)
        .slice(context.mount.length + 1)
        .split('/')[0]
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
      const token = targetOf(url)
        .slice(context.mount.length + 1)
        .split('/')[0]
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
      assert.ok(varies(reply.headers))
      assert.equal((await ask(served, 'https://evil.example')).headers[credentials], undefined)
      assert.throws(() => context.another({ cors: { origins: '*', credentials: true } }), {
        code: 'invalid_option',
      })
    },
  },
]
