import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { RefusedEvent, UploadOptions } from '@latchkey/core'
import { narrow, presignUrl } from '@latchkey/core/token'
import type { HttpCase } from '../http-case.js'
import { below, get, head, patternBytes, put, remove, request } from './exchange.js'
import { assertAbsent, assertPart, assertProblem, assertWhole, refused, unchanged } from './expect.js'
import { follow, OUTSIDE, PLAYLIST, PREFIX, pathTokenOf, SEGMENT, tree } from './tree-case.js'

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

/** Tokens in the path, and where a path has none. */
export const pathTokenCases: readonly HttpCase[] = [
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
      const inQuery = `token=${pathTokenOf(context, url)}`
      for (const query of [inQuery, 'token=', 'token', 'token=junk', `${inQuery}&${inQuery}`]) {
        await refused(context, PLAYLIST, [403, 'invalid_signature'], () => get(context, `${inPath}?${query}`))
      }
      const key = `${pathTokenOf(context, url)}/a.txt`
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
    name: 'path token: no log of a refusal has it',
    async run(context) {
      // A subject of its own, as other cases may be reporting at the same time.
      const token = pathTokenOf(context, await tree(context, { subject: randomUUID() }))
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
