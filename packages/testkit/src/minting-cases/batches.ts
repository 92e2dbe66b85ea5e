import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, remove } from '../http-cases/exchange.js'
import { assertNotStored, assertWhole } from '../http-cases/expect.js'
import { as, MINTING, mint } from './mint.js'

/** `POST /signed-urls`. */
export const batchCases: readonly HttpCase[] = [
  {
    name: 'a batch answers each key in the order asked, with a URL or a code',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'of a')
      await context.put('dir/b.txt', 'of b')
      const urls = [
        { key: 'dir/b.txt', expires_in: 5 },
        { key: 'absent.txt' },
        { key: '/not/a/key' },
        { key: 'a.txt', operation: 'delete' },
      ]
      const reply = await mint(context, '/signed-urls', { urls }, as('owner'))
      assert.equal(reply.status, 200, reply.body.toString())
      assertNotStored(reply)
      const [b, absent, none, a] = JSON.parse(reply.body.toString()).urls
      assert.deepEqual(
        [b.key, absent.key, none.key, a.key],
        urls.map(({ key }) => key),
      )
      assert.equal(Date.parse(b.expires_at), context.clock.now() + 5_000)
      assertWhole(await get(context, b.url), 'of b')
      assert.deepEqual([absent.code, none.code], ['not_found', 'invalid_key'])
      assert.equal((await remove(context, a.url)).status, 204)
    },
  },
  {
    name: 'a batch of 1000 is answered, one of 1001 refused',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const list = (length: number) => ({ urls: Array.from({ length }, () => ({ key: 'a.txt' })) })
      const reply = await mint(context, '/signed-urls', list(1000), as('reader'))
      assert.equal(JSON.parse(reply.body.toString()).urls.length, 1000)
      assert.equal((await mint(context, '/signed-urls', list(1001), as('reader'))).status, 400)
    },
  },
]
