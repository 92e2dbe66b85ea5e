import assert from 'node:assert/strict'
import { CASE_KEY, type HttpCase } from '../http-case.js'
import { get, put, readUrl, removeUrl, request, tokenOf, uploadUrl } from './exchange.js'
import { assertSameReply, assertWhole } from './expect.js'
import { assertInvalid, KEY, readToken, withToken } from './one-token.js'

const OTHER_SECRET = { id: CASE_KEY.id, secret: 'another secret of at least 32 bytes' }

/** Tokens for something else. */
export const foreignTokenCases: readonly HttpCase[] = [
  {
    name: 'a token of another secret is refused',
    async run(context) {
      await context.put(KEY, 'text')
      const { url } = await context.another({ keys: [OTHER_SECRET] }).signedUrl(KEY)
      await assertInvalid(context, () => get(context, url))
    },
  },
  {
    name: 'a token of a key id that is not in the ring is refused',
    async run(context) {
      await context.put(KEY, 'text')
      const { url } = await context.another({ keys: [{ ...CASE_KEY, id: 'k9' }] }).signedUrl(KEY)
      await assertInvalid(context, () => get(context, url))
    },
  },
  {
    name: 'a token of another audience is refused',
    async run(context) {
      await context.put(KEY, 'text')
      const { url } = await context.another({ audience: 'another mount' }).signedUrl(KEY)
      await assertInvalid(context, () => get(context, url))
    },
  },
  {
    name: 'a token of another mount is refused, though the secret is shared',
    async run(context) {
      await context.put(KEY, 'text')
      const { url } = await context.another({ baseUrl: 'https://files.example/other' }).signedUrl(KEY)
      await assertInvalid(context, () => withToken(context, tokenOf(url)))
    },
  },
  {
    name: 'a token for another key is refused, for keys that are near, too',
    async run(context) {
      await context.put(KEY, 'text')
      for (const key of ['folder/b.txt', 'folder', 'a.txt', 'folder/a.txt2', 'folder/a.tx', 'Folder/a.txt']) {
        const token = tokenOf(await readUrl(context, key))
        await assertInvalid(context, () => withToken(context, token))
      }
    },
  },
  {
    name: 'a token opens only the operations that it grants',
    async run(context) {
      await context.put(KEY, 'text')
      const onlyGet = await readUrl(context, KEY, { operations: ['get'] })
      const onlyHead = await readUrl(context, KEY, { operations: ['head'] })
      const onlyDelete = await removeUrl(context, KEY)
      const upload = await uploadUrl(context, KEY, { allowOverwrite: true })
      for (const url of [onlyHead, onlyDelete, upload]) await assertInvalid(context, () => get(context, url))
      for (const url of [onlyGet, onlyHead, onlyDelete])
        await assertInvalid(context, () => put(context, url, 'new'))
      for (const url of [onlyGet, onlyHead, upload]) {
        await assertInvalid(context, () => request(context, url, { method: 'DELETE' }))
      }
      for (const url of [onlyGet, onlyDelete, upload]) {
        assert.equal((await request(context, url, { method: 'HEAD' })).status, 403)
      }
      assertWhole(await get(context, onlyGet), 'text')
      assert.equal((await request(context, onlyHead, { method: 'HEAD' })).status, 200)
    },
  },
  {
    name: 'every token that does not verify gets the same answer, whatever is the matter with it',
    async run(context) {
      const token = await readToken(context)
      const foreign = await context.another({ keys: [OTHER_SECRET] }).signedUrl(KEY)
      const replies = await Promise.all([
        withToken(context, 'junk'),
        withToken(context, ''),
        withToken(context, token.slice(0, -1)),
        withToken(context, tokenOf(foreign.url)),
        withToken(context, tokenOf(await readUrl(context, 'another/key'))),
        withToken(context, tokenOf(await uploadUrl(context, KEY))),
        withToken(context, `${token}&token=${token}`),
      ])
      const [first, ...others] = replies
      assert.ok(first !== undefined)
      for (const reply of others) assertSameReply(reply, first)
      assert.equal(JSON.parse(first.body.toString()).detail, 'Invalid or expired signature')
    },
  },
]
