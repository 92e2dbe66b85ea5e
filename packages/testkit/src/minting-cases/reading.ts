import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, head, put, remove, request } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertWhole } from '../http-cases/expect.js'
import { as, MINTING, mint, mintedBy } from './mint.js'

/** `POST /{key}/signed-url`. */
export const readingCases: readonly HttpCase[] = [
  {
    name: 'a minted URL reads the object until the end that the answer names',
    options: MINTING,
    async run(context) {
      await context.put('dir/a.txt', 'text')
      const minted = mintedBy(await mint(context, '/dir/a.txt/signed-url', { expires_in: 60 }, as('reader')))
      assert.equal(Date.parse(minted.expires_at), context.clock.now() + 60_000)
      assertWhole(await get(context, minted.url), 'text')
      context.clock.advance(59_000)
      assertWhole(await get(context, minted.url), 'text')
      context.clock.advance(1_000)
      assertProblem(await get(context, minted.url), 403, 'expired')
    },
  },
  {
    name: 'a client can shorten a life, never lengthen it',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      for (const [wish, life] of [
        [{}, 600],
        [{ expires_in: 604_800 }, 600],
        [{ expires_in: 1 }, 1],
      ] as const) {
        const minted = mintedBy(await mint(context, '/a.txt/signed-url', wish, as('reader')))
        assert.equal(Date.parse(minted.expires_at), context.clock.now() + life * 1000)
      }
    },
  },
  {
    name: 'a POST without a body and without a type asks for a URL to read with',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await request(context, below(context, '/a.txt/signed-url'), {
        method: 'POST',
        headers: as('reader'),
      })
      const { url } = mintedBy(reply)
      assertWhole(await get(context, url), 'text')
      assert.equal((await head(context, url)).status, 200)
      assertProblem(await remove(context, url), 403, 'invalid_signature')
      assertProblem(await put(context, url, 'other'), 403, 'invalid_signature')
    },
  },
  {
    name: 'a URL is minted for the very key that the path spells',
    needs: ['everyKey'],
    options: MINTING,
    async run(context) {
      for (const [path, key] of [
        ['/a%20b+c%25.txt', 'a b+c%.txt'],
        ['/%C3%BC/%E2%82%AC.txt', 'ü/€.txt'],
        ['/signed-urls', 'signed-urls'],
        ['/x/signed-url', 'x/signed-url'],
        ["/it's(1);v=2", "it's(1);v=2"],
      ] as const) {
        await context.put(key, key)
        const { url } = mintedBy(await mint(context, `${path}/signed-url`, {}, as('reader')))
        assertWhole(await get(context, url), key)
      }
    },
  },
  {
    name: 'a URL for head reads no bytes',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const { url } = mintedBy(await mint(context, '/a.txt/signed-url', { operation: 'head' }, as('reader')))
      assert.equal((await head(context, url)).status, 200)
      assertProblem(await get(context, url), 403, 'invalid_signature')
    },
  },
  {
    name: 'a URL to remove with is minted only where the limits name the operation',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const wish = { operation: 'delete' }
      assertProblem(await mint(context, '/a.txt/signed-url', wish, as('reader')), 403, 'forbidden')
      const { url } = mintedBy(await mint(context, '/a.txt/signed-url', wish, as('owner')))
      assertProblem(await get(context, url), 403, 'invalid_signature')
      assert.equal((await remove(context, url)).status, 204)
      await assertAbsent(context, 'a.txt')
    },
  },
  {
    name: 'a client can have a file saved under a name, and not shown that would be saved',
    options: MINTING,
    async run(context) {
      await context.put('page.html', '<p>', { contentType: 'text/html' })
      for (const [download, disposition] of [
        ['ü.html', /^attachment; filename="\?\.html"; filename\*=UTF-8''%C3%BC\.html$/],
        [true, /^attachment; filename="?page\.html"?$/],
        [false, /^attachment; filename="?page\.html"?$/],
      ] as const) {
        const { url } = mintedBy(await mint(context, '/page.html/signed-url', { download }, as('reader')))
        assert.match((await get(context, url)).headers['content-disposition'] ?? '', disposition)
      }
    },
  },
]
