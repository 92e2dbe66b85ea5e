import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { RefusedEvent, UploadOptions } from '@latchkey/core'
import { narrow, presignUrl, type TreeUrlOptions } from '@latchkey/core/token'
import { CaseLedger } from '../download-limit-cases/case-ledger.js'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, head, patternBytes, put, remove, request, requestHead, targetOf } from './exchange.js'
import {
  assertAbsent,
  assertHeadOf,
  assertPart,
  assertProblem,
  assertSameReply,
  assertWhole,
  refused,
  unchanged,
} from './expect.js'
import { RawConnection } from './raw-connection.js'

const PREFIX = 'videos/42/'
const PLAYLIST = `${PREFIX}index.m3u8`
const SEGMENT = `${PREFIX}hd/0 1.ts`
const OUTSIDE = 'videos/43/index.m3u8'

/** A tree URL over a stored playlist, a segment, and a file beside the tree. */
async function tree(context: HttpCaseContext, options?: TreeUrlOptions): Promise<string> {
  await context.put(PLAYLIST, 'playlist')
  await context.put(SEGMENT, 'segment')
  await context.put(OUTSIDE, 'outside')
  return (await context.files.signedTreeUrl(PREFIX, options)).url
}

/** What a browser makes of a relative reference, as it goes onto the request line. */
function follow(url: string, reference: string): string {
  const { pathname, search } = new URL(reference, url)
  return pathname + search
}

function tokenOf(context: HttpCaseContext, url: string): string {
  return (
    targetOf(url)
      .slice(context.mount.length + 1)
      .split('/')[0] ?? ''
  )
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'

/** Another character in each place: of the token's own, so that it mostly remains a token. */
function altered(token: string): string[] {
  return [...token].map((character, at) => {
    const other = ALPHABET[(ALPHABET.indexOf(character) + 1 + (at % (ALPHABET.length - 1))) % ALPHABET.length]
    return token.slice(0, at) + other + token.slice(at + 1)
  })
}

/** Asks for the playlist with each first segment, all on one connection, and asserts that none opens it. */
async function assertNoneOpens(context: HttpCaseContext, segments: readonly string[]): Promise<void> {
  const connection = await RawConnection.open(context.origin)
  const targets = segments.map((segment) => below(context, `/${segment}/${PLAYLIST}`))
  await connection.write(targets.map((target) => requestHead('GET', target, [])).join(''))
  for (const segment of segments) {
    const { status, body } = await connection.reply()
    const { code } = JSON.parse(body.toString())
    // What is no token any more is the first segment of a key.
    assert.ok(status === 403 || (status === 400 && code === 'invalid_key'), `${status} for ${segment}`)
    assert.ok(['invalid_signature', 'token_required', 'invalid_key'].includes(code), `${code} for ${segment}`)
  }
  connection.destroy()
}

/** Runs an action, and gives the paths that subscribers of the diagnostics channel were told of. */
async function reportedPaths(act: () => Promise<unknown>): Promise<string[]> {
  const paths: string[] = []
  const listen = (event: unknown): number => paths.push((event as RefusedEvent).path)
  subscribe('latchkey:refused', listen)
  try {
    await act()
  } finally {
    unsubscribe('latchkey:refused', listen)
  }
  return paths
}

/** Tokens in the path: a tree of relative references that inherit one token. */
export const pathTokenCases: readonly HttpCase[] = [
  {
    name: 'path token: a playlist and what it refers to are served by one URL',
    async run(context) {
      const url = await tree(context)
      assert.ok(url.endsWith(`/${PREFIX}`), url)
      const playlist = follow(url, 'index.m3u8')
      assertWhole(await get(context, playlist), 'playlist')
      const segment = follow(`${context.origin}${playlist}`, 'hd/0 1.ts')
      const reply = await get(context, segment)
      assertWhole(reply, 'segment')
      assert.equal(reply.headers['referrer-policy'], 'no-referrer')
      assert.match(reply.headers['cache-control'] ?? '', /^private, max-age=\d+$/)
      assertHeadOf(await head(context, segment), reply)
      // And back again from below.
      assertWhole(await get(context, follow(`${context.origin}${segment}`, '../index.m3u8?x=1')), 'playlist')
    },
  },
  {
    name: 'path token: ranges, conditions and absent objects are answered as with a token in the query',
    needs: ['ranges'],
    async run(context) {
      const url = await tree(context)
      const bytes = patternBytes(5000)
      await context.put(`${PREFIX}big.ts`, bytes)
      const big = follow(url, 'big.ts')
      assertPart(await get(context, big, { range: 'bytes=100-199' }), bytes, 100, 199)
      const { etag = '' } = (await head(context, big)).headers
      assert.equal((await get(context, big, { 'if-none-match': etag })).status, 304)
      assertProblem(await get(context, big, { range: 'bytes=9999-' }), 416, 'range_not_satisfiable')
      assertProblem(await get(context, follow(url, 'absent.ts')), 404, 'not_found')
    },
  },
  {
    name: 'path token: entry names the object to begin with',
    async run(context) {
      const url = await tree(context, { entry: 'index.m3u8' })
      assertWhole(await get(context, url), 'playlist')
      for (const entry of ['', '/a', '../43/index.m3u8', 'a//b', 'a/', '.']) {
        await assert.rejects(context.files.signedTreeUrl(PREFIX, { entry }), { code: 'invalid_key' }, entry)
      }
    },
  },
  {
    name: 'path token: nothing outside the prefix is opened',
    async run(context) {
      const url = await tree(context)
      await context.put('videos/4', 'near')
      await context.put('videos/42.m3u8', 'near')
      const token = tokenOf(context, url)
      for (const key of [
        OUTSIDE,
        'videos/4',
        'videos/42.m3u8',
        'videos/42',
        'absent',
        'Videos/42/index.m3u8',
      ]) {
        await refused(context, OUTSIDE, [403, 'invalid_signature'], () =>
          get(context, below(context, `/${token}/${key}`)),
        )
      }
    },
  },
  {
    name: 'path token: a path that is no key is refused, whatever its token',
    async run(context) {
      const token = tokenOf(context, await tree(context))
      const paths = ['', 'videos/42/', 'videos/42//index.m3u8', 'videos/42/%2e%2e/43/index.m3u8']
      for (const path of [
        ...paths,
        'videos/42/%2E/index.m3u8',
        'videos%2F42%2Findex.m3u8',
        'videos/42/a%00',
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const reply = await unchanged(context, OUTSIDE, () =>
            request(context, below(context, `/${token}/${path}`), { method }),
          )
          assert.ok([400, 404].includes(reply.status), `${reply.status} for ${path}`)
        }
      }
    },
  },
  {
    name: 'path token: dot segments lead nowhere, also where something on the way would resolve them',
    async run(context) {
      const token = tokenOf(context, await tree(context))
      for (const path of [
        `/${token}/videos/42/../43/index.m3u8`,
        `/${token}/../${OUTSIDE}`,
        `/x/../${token}/a`,
      ]) {
        const connection = await RawConnection.open(context.origin)
        await connection.write(requestHead('GET', below(context, path), ['Connection: close']))
        const { status } = await connection.reply()
        connection.destroy()
        assert.ok([400, 403, 404].includes(status), `${status} for ${path}`)
      }
    },
  },
  {
    name: 'path token: with any one character changed it opens nothing',
    async run(context) {
      const token = tokenOf(context, await tree(context))
      assertWhole(await get(context, below(context, `/${token}/${PLAYLIST}`)), 'playlist')
      await assertNoneOpens(context, altered(token))
    },
  },
  {
    name: 'path token: cut short, lengthened, doubled or joined to something it opens nothing',
    async run(context) {
      const token = tokenOf(context, await tree(context))
      const cut = [...token].slice(1).flatMap((_, at) => [token.slice(0, at + 1), token.slice(at + 1)])
      const more = ['A', '=', '%00', '+', '.', '~', '.e9999999999', token, ';x=1', `/${token}`, '%2F', ',']
      await assertNoneOpens(context, [
        ...cut,
        ...more.map((text) => `${token}${text}`),
        ...['%20', 'A', '.', ';'].map((text) => `${text}${token}`),
      ])
    },
  },
  {
    name: 'path token: an escaped spelling is no token',
    async run(context) {
      const token = tokenOf(context, await tree(context))
      for (const at of [0, 5, token.indexOf('.'), token.length - 1]) {
        const spelled = `%${token.charCodeAt(at).toString(16)}`
        const escaped = token.slice(0, at) + spelled + token.slice(at + 1)
        await refused(context, PLAYLIST, [403, 'token_required'], () =>
          get(context, below(context, `/${escaped}/${PLAYLIST}`)),
        )
      }
    },
  },
  {
    name: 'path token: of another secret, key id, audience or mount it opens nothing',
    async run(context) {
      await tree(context)
      const secret = 'another secret of at least 32 bytes'
      for (const others of [
        { keys: [{ id: 'k1', secret }] },
        { keys: [{ id: 'k9', secret }] },
        { audience: 'another' },
        { baseUrl: 'https://files.example/other' },
      ]) {
        const { url } = await context.another(others).signedTreeUrl(PREFIX)
        const token = /\/([^/]+)\/videos\/42\/$/.exec(url)?.[1] ?? ''
        await refused(context, PLAYLIST, [403, 'invalid_signature'], () =>
          get(context, below(context, `/${token}/${PLAYLIST}`)),
        )
      }
    },
  },
  {
    name: 'path token: it is refused from the very second that it expires at, and before it begins',
    async run(context) {
      const now = context.clock.now()
      const url = await tree(context, { validUntil: now + 60_000, notBefore: now + 10_000 })
      const playlist = follow(url, 'index.m3u8')
      context.clock.advance(9_999)
      await refused(context, PLAYLIST, [403, 'not_yet_valid'], () => get(context, playlist))
      context.clock.advance(1)
      assertWhole(await get(context, playlist), 'playlist')
      context.clock.advance(49_999)
      assertWhole(await get(context, playlist), 'playlist')
      context.clock.advance(1)
      const reply = await refused(context, PLAYLIST, [403, 'expired'], () => get(context, playlist))
      assert.equal(JSON.parse(reply.body.toString()).detail, 'Invalid or expired signature')
      assert.equal((await head(context, playlist)).status, 403)
    },
  },
  {
    name: 'path token: a refused one tells a present object from an absent one to nobody',
    async run(context) {
      const { clock } = context
      const url = await tree(context, { validUntil: clock.now() + 1000 })
      const token = tokenOf(context, url)
      for (const target of ['videos/43/', PREFIX]) {
        if (target === PREFIX) clock.advance(1000)
        for (const headers of [{}, { 'if-none-match': '*' }, { range: 'bytes=999-' }]) {
          const present = await get(context, below(context, `/${token}/${target}index.m3u8`), headers)
          const absent = await get(context, below(context, `/${token}/${target}absent.m3u8`), headers)
          assert.equal(present.status, 403)
          assertSameReply(present, absent)
        }
      }
    },
  },
  {
    name: 'path token: to other methods it is a part of the key, and writes nothing',
    async run(context) {
      const upload: UploadOptions = { allowOverwrite: true }
      await tree(context)
      const everything = await context.files.issueSignedToken({
        ...upload,
        prefix: PREFIX,
        operations: ['get', 'head', 'put', 'delete'],
      })
      const token = `${everything.delegationToken}.${everything.clientSigningToken}`
      const target = below(context, `/${token}/${PLAYLIST}`)
      assertWhole(await get(context, target), 'playlist')
      await refused(context, PLAYLIST, [403, 'token_required'], () => put(context, target, 'new'))
      await refused(context, PLAYLIST, [403, 'token_required'], () => remove(context, target))
      await refused(context, PLAYLIST, [405, 'method_not_allowed'], () =>
        request(context, target, { method: 'POST', body: 'x' }),
      )
      for (const query of ['?uploads', '?uploadId=x', '?uploadId=x&partNumber=1']) {
        for (const method of ['POST', 'PUT', 'DELETE']) {
          const reply = await unchanged(context, PLAYLIST, () =>
            request(context, `${target}${query}`, { method, ...(method === 'DELETE' ? {} : { body: 'x' }) }),
          )
          assert.ok([403, 405].includes(reply.status), `${method} ${query}: ${reply.status}`)
        }
        assertWhole(await get(context, `${target}${query}`), 'playlist')
      }
      await assertAbsent(context, `${token}/${PLAYLIST}`)
    },
  },
  {
    name: 'path token: beside a token in the query it is a part of the key',
    needs: ['everyKey'],
    async run(context) {
      const url = await tree(context)
      const inPath = follow(url, 'index.m3u8')
      const inQuery = `token=${tokenOf(context, url)}`
      for (const query of [inQuery, 'token=', 'token', 'token=junk', `${inQuery}&${inQuery}`]) {
        await refused(context, PLAYLIST, [403, 'invalid_signature'], () => get(context, `${inPath}?${query}`))
      }
      const key = `${tokenOf(context, url)}/a.txt`
      await context.put(key, 'odd')
      assertWhole(await get(context, (await context.files.signedUrl(key)).url), 'odd')
    },
  },
  {
    name: 'path token: a key whose first segment only looks like a token is a key',
    needs: ['everyKey'],
    async run(context) {
      const odd = ['+'.repeat(43), `${'A'.repeat(42)}B`].map((mac) => `k1.e1~og.${mac}/a.txt`)
      for (const key of [...odd, 'k1.e1~og.short/a.txt', `k1.${'A'.repeat(43)}/a.txt`, 'a.b/c']) {
        await context.put(key, 'text')
        assertWhole(await get(context, (await context.files.signedUrl(key)).url), 'text')
        assertProblem(await get(context, below(context, `/${key}`)), 403, 'token_required')
      }
    },
  },
  {
    name: 'path token: the whole mount is opened only where that is said',
    async run(context) {
      await tree(context)
      await assert.rejects(context.files.signedTreeUrl(''), { code: 'invalid_option' })
      await assert.rejects(context.files.signedTreeUrl(PREFIX, { wholeMount: true }), {
        code: 'invalid_option',
      })
      for (const prefix of [
        'videos',
        '/',
        '/videos/',
        'videos//',
        '../',
        'a\\b/',
        'a\n/',
        'x'.repeat(1024),
      ]) {
        await assert.rejects(context.files.signedTreeUrl(prefix), { code: 'invalid_key' }, prefix)
      }
      const { url } = await context.files.signedTreeUrl('', { wholeMount: true })
      assertWhole(await get(context, follow(url, PLAYLIST)), 'playlist')
      assertWhole(await get(context, follow(url, OUTSIDE)), 'outside')
    },
  },
  {
    name: 'path token: a prefix with characters of every kind is opened as itself',
    needs: ['everyKey'],
    async run(context) {
      for (const prefix of ['a b/100%/', 'übung/日本/📎/', "it's (1) *!~/", 'a+b&c=d;e/@:$,/', '%2F/?#/']) {
        await context.put(`${prefix}index.m3u8`, prefix)
        const { url } = await context.files.signedTreeUrl(prefix)
        assertWhole(await get(context, follow(url, 'index.m3u8')), prefix)
      }
    },
  },
  {
    name: 'path token: the longest token there is passes, and a longer one is refused where it is minted',
    async run(context) {
      await tree(context)
      const header = (length: number) => ({ responseHeaders: { 'x-robots-tag': 'x'.repeat(length) } })
      const { url } = await context.files.signedTreeUrl(PREFIX, { ...header(2000), subject: 's'.repeat(256) })
      assert.ok(url.length > 3000)
      const reply = await get(context, follow(url, 'index.m3u8'))
      assertWhole(reply, 'playlist')
      assert.equal(reply.headers['x-robots-tag']?.length, 2000)
      await assert.rejects(context.files.signedTreeUrl(PREFIX, header(2100)), { code: 'invalid_option' })
    },
  },
  {
    name: 'path token: how objects are presented holds for all of them, what is one object’s is refused',
    async run(context) {
      const url = await tree(context, { download: true, cacheControlMaxAge: 7 })
      const { headers } = await get(context, follow(url, 'index.m3u8'))
      assert.match(headers['content-disposition'] ?? '', /^attachment; filename="?index\.m3u8/)
      assert.equal(headers['cache-control'], 'private, max-age=7')
      for (const options of [
        { download: 'a name.txt' },
        { responseHeaders: { 'Content-Type': 'text/html' } },
        { responseHeaders: { 'content-encoding': 'gzip' } },
        { operations: ['delete'] },
        { ifMatch: '"x"' },
      ] as object[]) {
        await assert.rejects(context.files.signedTreeUrl(PREFIX, options), { code: 'invalid_option' })
      }
    },
  },
  {
    name: 'path token: each GET with bytes takes one of its downloads, whichever object it is for',
    async run(context) {
      const ledger = new CaseLedger()
      const counted = await context.serve({ ledger })
      const url = await tree(counted, { maxDownloads: 2 })
      assert.equal((await head(counted, follow(url, 'index.m3u8'))).status, 200)
      assertWhole(await get(counted, follow(url, 'index.m3u8')), 'playlist')
      assertWhole(await get(counted, follow(url, 'hd/0%201.ts')), 'segment')
      assertProblem(await get(counted, follow(url, 'index.m3u8')), 403, 'exhausted')
      await ledger.assertUsed(2)
      await assert.rejects(context.files.signedTreeUrl(PREFIX, { maxDownloads: 2 }), {
        code: 'invalid_option',
      })
    },
  },
  {
    name: 'path token: who has the URL narrows it, and a delegation’s URL works in the path, too',
    async run(context) {
      const url = await tree(context)
      const now = context.clock.now
      const brief = await narrow(`${url}index.m3u8`, { expiresIn: 10, now })
      assert.ok(brief.url.endsWith(`/${PLAYLIST}`), brief.url)
      assertWhole(await get(context, brief.url), 'playlist')
      context.clock.advance(10_000)
      assertProblem(await get(context, brief.url), 403, 'expired')
      assertWhole(await get(context, follow(url, 'index.m3u8')), 'playlist')
      const delegation = await context.files.issueSignedToken({ prefix: PREFIX })
      const signed = await presignUrl(delegation, { operation: 'get', key: PLAYLIST, now })
      const token = signed.url.slice(signed.url.indexOf('?token=') + 7)
      assertWhole(await get(context, below(context, `/${token}/${PLAYLIST}`)), 'playlist')
      await refused(context, SEGMENT, [403, 'invalid_signature'], () =>
        get(context, below(context, `/${token}/${PREFIX}hd/0%201.ts`)),
      )
    },
  },
  {
    name: 'path token: no log of a refusal has it',
    async run(context) {
      // A subject of its own, as other cases may be reporting at the same time.
      const token = tokenOf(context, await tree(context, { subject: randomUUID() }))
      const mac = token.slice(-43)
      const paths = await reportedPaths(async () => {
        for (const spelled of [token, token.slice(0, -1), `${token}A`, token.replace('.', 'B')]) {
          for (const path of [
            `/${spelled}/${OUTSIDE}`,
            `/${spelled}/a%00`,
            `/${spelled}`,
            `/a/${spelled}/b`,
          ]) {
            await get(context, below(context, path))
            await put(context, below(context, path), 'x')
          }
        }
      })
      assert.ok(paths.filter((path) => path.includes('{token}')).length >= 16)
      for (const path of paths) assert.ok(!path.includes(mac.slice(0, 42)), path)
    },
  },
  {
    name: 'path token: another origin that is let in gets the CORS headers, refusals included',
    options: { cors: { origins: ['https://app.example'] } },
    async run(context) {
      const url = await tree(context)
      const origin = { origin: 'https://app.example' }
      for (const reply of [
        await get(context, follow(url, 'index.m3u8'), origin),
        await get(context, follow(url, '../43/index.m3u8'), origin),
        await request(context, follow(url, 'index.m3u8'), {
          method: 'OPTIONS',
          headers: { ...origin, 'access-control-request-method': 'GET' },
        }),
      ]) {
        assert.equal(reply.headers['access-control-allow-origin'], 'https://app.example')
      }
    },
  },
]
