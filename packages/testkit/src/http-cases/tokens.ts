import assert from 'node:assert/strict'
import { CASE_KEY, type HttpCase, type HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { below, get, put, readUrl, removeUrl, request, tokenOf, uploadUrl } from './exchange.js'
import { assertSameReply, assertWhole, refused } from './expect.js'

const KEY = 'folder/a.txt'
const OTHER_SECRET = { id: CASE_KEY.id, secret: 'another secret of at least 32 bytes' }
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'

async function withToken(context: HttpCaseContext, token: string): Promise<ClientReply> {
  return get(context, below(context, `/${KEY}?token=${token}`))
}

/** Asserts the one answer that every token gets which does not verify. */
async function assertInvalid(context: HttpCaseContext, act: () => Promise<ClientReply>): Promise<ClientReply> {
  return refused(context, KEY, [403, 'invalid_signature'], act)
}

/** A character that is not `character`, different from place to place. */
function another(character: string, at: number): string {
  const choice = ALPHABET[(ALPHABET.indexOf(character) + 1 + (at % (ALPHABET.length - 1))) % ALPHABET.length]
  return choice ?? 'A'
}

/** Runs over many tokens, a few at a time. */
async function each<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 16) await Promise.all(items.slice(at, at + 16).map(check))
}

async function readToken(context: HttpCaseContext): Promise<string> {
  await context.put(KEY, 'text')
  return tokenOf(await readUrl(context, KEY, { download: 'a name.txt' }))
}

/** Tokens that were tampered with, and tokens for something else. */
export const tokenCases: readonly HttpCase[] = [
  {
    name: 'a token with any one of its characters changed is refused',
    async run(context) {
      const token = await readToken(context)
      assertWhole(await withToken(context, token), 'text')
      await each([...token].map((_, at) => at), async (at) => {
        const changed = token.slice(0, at) + another(token[at] ?? '', at) + token.slice(at + 1)
        const { status, body } = await withToken(context, changed)
        assert.equal(status, 403, `character ${at} changed: ${changed}`)
        assert.equal(JSON.parse(body.toString()).code, 'invalid_signature')
      })
    },
  },
  {
    name: 'a token cut short anywhere is refused',
    async run(context) {
      const token = await readToken(context)
      await each([...token].map((_, at) => at), async (length) => {
        assert.equal((await withToken(context, token.slice(0, length))).status, 403, `cut to ${length}`)
        assert.equal((await withToken(context, token.slice(length + 1))).status, 403, `${length + 1} cut off`)
      })
    },
  },
  ...(
    [
      ['a letter', (token) => `${token}A`],
      ['padding', (token) => `${token}=`],
      ['an escaped NUL', (token) => `${token}%00`],
      ['a plus', (token) => `${token}+`],
      ['a dot', (token) => `${token}.`],
      ['a block', (token) => `${token}.e9999999999`],
      ['itself', (token) => `${token}${token}`],
      ['a semicolon and more', (token) => `${token};x=1`],
    ] satisfies readonly (readonly [string, (token: string) => string])[]
  ).map(
    ([name, spoil]): HttpCase => ({
      name: `a token followed by ${name} is refused`,
      async run(context) {
        const token = await readToken(context)
        await assertInvalid(context, () => withToken(context, spoil(token)))
      },
    }),
  ),
  {
    name: 'a token with an escaped character is refused: it has one spelling',
    async run(context) {
      const token = await readToken(context)
      const escaped = `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`
      await assertInvalid(context, () => withToken(context, escaped))
    },
  },
  {
    name: 'an empty token is refused',
    async run(context) {
      await context.put(KEY, 'text')
      await assertInvalid(context, () => withToken(context, ''))
    },
  },
  {
    name: 'a token of 5 000 characters is refused',
    async run(context) {
      const token = await readToken(context)
      await assertInvalid(context, () => withToken(context, 'a'.repeat(5000)))
      await assertInvalid(context, () => withToken(context, `${token.slice(0, -44)}~z${'a'.repeat(5000)}${token.slice(-44)}`))
    },
  },
  {
    name: 'two token parameters are refused, also where one of them is good',
    async run(context) {
      const token = await readToken(context)
      for (const query of [`token=${token}&token=${token}`, `token=${token}&token=x`, `token=&token=${token}`]) {
        await assertInvalid(context, () => get(context, below(context, `/${KEY}?${query}`)))
      }
    },
  },
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
      for (const url of [onlyGet, onlyHead, onlyDelete]) await assertInvalid(context, () => put(context, url, 'new'))
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
