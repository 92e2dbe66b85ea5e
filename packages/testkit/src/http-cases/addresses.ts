import assert from 'node:assert/strict'
import { narrow, presignUrl } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, head, put, readUrl, remove, request, uploadUrl } from './exchange.js'
import { assertAbsent, assertSameReply, assertStored, assertWhole, refused } from './expect.js'

/** Where the requests of the cases come from, and where they do not. */
const HERE = ['127.0.0.1']
const ELSEWHERE = ['203.0.113.7', '2001:db8::/32']
const KEY = 'folder/a.txt'
const NOT_ALLOWED = [403, 'address_not_allowed'] as const

async function assertBound(context: HttpCaseContext, url: string, headers = {}): Promise<void> {
  const reply = await refused(context, KEY, NOT_ALLOWED, () => get(context, url, headers))
  assert.equal(JSON.parse(reply.body.toString()).detail, 'Invalid or expired signature')
}

/** Tokens that are bound to addresses. */
export const addressCases: readonly HttpCase[] = [
  {
    name: 'address: a URL opens to those that it is bound to, in every spelling of theirs',
    async run(context) {
      await context.put(KEY, 'text')
      for (const allowedAddresses of [
        HERE,
        ['127.0.0.0/8'],
        ['::ffff:127.0.0.1'],
        ['::ffff:127.0.0.0/104'],
        ['0.0.0.0/0'],
        [...ELSEWHERE, ...HERE],
      ]) {
        const url = await readUrl(context, KEY, { allowedAddresses })
        assertWhole(await get(context, url), 'text')
        assert.equal((await head(context, url)).status, 200)
      }
    },
  },
  {
    name: 'address: to all others it is refused, before anything of the object is told',
    async run(context) {
      await context.put(KEY, 'text')
      for (const allowedAddresses of [
        ELSEWHERE,
        ['127.0.0.2'],
        ['128.0.0.0/1'],
        ['::/0'],
        ['::1'],
        ['::7f00:1'],
      ]) {
        const url = await readUrl(context, KEY, { allowedAddresses })
        await assertBound(context, url)
        assert.equal((await head(context, url)).status, 403)
      }
      const [present, absent] = await Promise.all(
        [KEY, 'folder/absent.txt'].map(async (key) =>
          get(context, await readUrl(context, key, { allowedAddresses: ELSEWHERE }), {
            'if-none-match': '*',
          }),
        ),
      )
      assert.ok(present !== undefined && absent !== undefined)
      assertSameReply(present, absent)
    },
  },
  {
    name: 'address: no header of the client’s decides where it is',
    async run(context) {
      await context.put(KEY, 'text')
      const url = await readUrl(context, KEY, { allowedAddresses: ELSEWHERE })
      const [address = ''] = ELSEWHERE
      for (const name of [
        'x-forwarded-for',
        'x-real-ip',
        'true-client-ip',
        'cf-connecting-ip',
        'x-client-ip',
      ]) {
        await assertBound(context, url, { [name]: address })
      }
      await assertBound(context, url, { forwarded: `for=${address}` })
      const here = await readUrl(context, KEY, { allowedAddresses: HERE })
      assertWhole(await get(context, here, { 'x-forwarded-for': address }), 'text')
    },
  },
  {
    name: 'address: the code is said only where the MAC holds, and after the times',
    async run(context) {
      await context.put(KEY, 'text')
      const bound = { allowedAddresses: ELSEWHERE }
      const url = await readUrl(context, KEY, { ...bound, expiresIn: 10 })
      await refused(context, KEY, [403, 'invalid_signature'], () => get(context, `${url.slice(0, -1)}~`))
      await refused(context, KEY, [403, 'invalid_signature'], () =>
        get(context, url.replace('a.txt', 'b.txt')),
      )
      await refused(context, KEY, [403, 'invalid_signature'], () => remove(context, url))
      const early = await readUrl(context, KEY, { ...bound, notBefore: context.clock.now() + 1000 })
      await refused(context, KEY, [403, 'not_yet_valid'], () => get(context, early))
      context.clock.advance(10_000)
      await refused(context, KEY, [403, 'expired'], () => get(context, url))
    },
  },
  {
    name: 'address: uploads and removals are bound, too',
    async run(context) {
      await context.put(KEY, 'text')
      const to = (allowedAddresses: readonly string[]) =>
        uploadUrl(context, KEY, { allowedAddresses, allowOverwrite: true })
      await refused(context, KEY, NOT_ALLOWED, async () => put(context, await to(ELSEWHERE), 'new'))
      assert.equal((await put(context, await to(HERE), 'new')).status, 200)
      await assertStored(context, KEY, 'new')
      const without = (allowedAddresses: readonly string[]) =>
        readUrl(context, KEY, { operations: ['delete'], allowedAddresses })
      await refused(context, KEY, NOT_ALLOWED, async () => remove(context, await without(ELSEWHERE)))
      assert.equal((await remove(context, await without(HERE))).status, 204)
      await assertAbsent(context, KEY)
    },
  },
  {
    name: 'address: in the path and in a cookie it binds as in the query',
    async run(context) {
      await context.put(KEY, 'text')
      for (const [allowedAddresses, opens] of [
        [HERE, true],
        [ELSEWHERE, false],
      ] as const) {
        const tree = await context.files.signedTreeUrl('folder/', { allowedAddresses })
        const cookie = await context.files.signedCookie('folder/', { allowedAddresses })
        const fields = { cookie: `${cookie.name}=${cookie.value}` }
        for (const [url, headers] of [
          [`${tree.url}a.txt`, {}],
          [below(context, `/${KEY}`), fields],
        ] as const) {
          if (opens) assertWhole(await get(context, url, headers), 'text')
          else await assertBound(context, url, headers)
        }
      }
    },
  },
  {
    name: 'address: what is made of a delegation or a URL is bound to what both allow',
    async run(context) {
      await context.put(KEY, 'text')
      const now = context.clock.now
      const issue = (allowedAddresses: readonly string[]) =>
        context.files.issueSignedToken({ prefix: 'folder/', allowedAddresses })
      const [wide, elsewhere] = [await issue(['127.0.0.0/8']), await issue(ELSEWHERE)]
      const ask = { operation: 'get', key: KEY, now } as const
      assertWhole(await get(context, (await presignUrl(wide, ask)).url), 'text')
      assertWhole(
        await get(context, (await presignUrl(wide, { ...ask, allowedAddresses: HERE })).url),
        'text',
      )
      await assertBound(context, (await presignUrl(wide, { ...ask, allowedAddresses: ['127.0.0.9'] })).url)
      await assertBound(context, (await presignUrl(elsewhere, ask)).url)
      for (const allowedAddresses of [['0.0.0.0/0'], ['126.0.0.0/7'], ELSEWHERE, []]) {
        await assert.rejects(presignUrl(wide, { ...ask, allowedAddresses }), { code: 'invalid_option' })
      }
      const url = await readUrl(context, KEY)
      assertWhole(await get(context, (await narrow(url, { allowedAddresses: HERE, now })).url), 'text')
      await assertBound(context, (await narrow(url, { allowedAddresses: ELSEWHERE, now })).url)
    },
  },
  {
    name: 'address: a URL that is minted over HTTP is bound as authorize says',
    options: { authorize: () => ({ allowedAddresses: ['203.0.113.7'] }) },
    async run(context) {
      await context.put(KEY, 'text')
      const minted = await request(context, below(context, `/${KEY}/signed-url`), { method: 'POST' })
      await assertBound(context, JSON.parse(minted.body.toString()).url)
      const body = JSON.stringify({ key: 'new.txt', multipart: context.driver.multipart !== undefined })
      const upload = await request(context, below(context, '/signed-uploads'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const { url } = JSON.parse(upload.body.toString())
      await refused(context, 'new.txt', NOT_ALLOWED, () => put(context, url, 'text'))
    },
  },
]
