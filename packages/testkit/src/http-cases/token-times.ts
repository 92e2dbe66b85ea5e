import assert from 'node:assert/strict'
import { presignUrl } from '@latchkey/core/token'
import { CASE_KEY, type HttpCase } from '../http-case.js'
import { get, head, put, readUrl, remove, uploadUrl } from './exchange.js'
import { assertAbsent, assertWhole, refused } from './expect.js'

const KEY = 'a.txt'
const RETIRED_KEY = { id: 'k0', secret: 'a secret that was in use before now' }

/** When tokens hold, and which signing keys vouch for them. */
export const tokenTimeCases: readonly HttpCase[] = [
  {
    name: 'a token holds until the very second that it expires at',
    async run(context) {
      await context.put(KEY, 'text')
      const url = await readUrl(context, KEY, { expiresIn: 60 })
      context.clock.advance(59_999)
      assertWhole(await get(context, url), 'text')
      context.clock.advance(1)
      const reply = await refused(context, KEY, [403, 'expired'], () => get(context, url))
      assert.equal(JSON.parse(reply.body.toString()).detail, 'Invalid or expired signature')
      assert.equal((await head(context, url)).status, 403)
    },
  },
  {
    name: 'validUntil ends a token at that moment',
    async run(context) {
      await context.put(KEY, 'text')
      const url = await readUrl(context, KEY, { validUntil: context.clock.now() + 90_000 })
      context.clock.advance(89_999)
      assertWhole(await get(context, url), 'text')
      context.clock.advance(1)
      await refused(context, KEY, [403, 'expired'], () => get(context, url))
    },
  },
  {
    name: 'a token is refused until the very moment that it begins',
    async run(context) {
      await context.put(KEY, 'text')
      const url = await readUrl(context, KEY, { notBefore: context.clock.now() + 30_000 })
      context.clock.advance(29_999)
      const reply = await refused(context, KEY, [403, 'not_yet_valid'], () => get(context, url))
      assert.equal(JSON.parse(reply.body.toString()).detail, 'Invalid or expired signature')
      context.clock.advance(1)
      assertWhole(await get(context, url), 'text')
    },
  },
  {
    name: 'of a delegation and a URL made with it the later beginning counts, also for uploads and removals',
    async run(context) {
      await context.put(KEY, 'text')
      const { clock } = context
      const start = clock.now()
      const delegation = await context.files.issueSignedToken({
        prefix: '',
        operations: ['get', 'put', 'delete'],
        allowOverwrite: true,
        notBefore: start + 10_000,
      })
      const sign = async (operation: 'get' | 'put' | 'delete', notBefore: number) =>
        (await presignUrl(delegation, { operation, key: KEY, notBefore, now: clock.now })).url
      const early = await sign('get', start)
      const late = await sign('get', start + 20_000)
      const upload = await sign('put', start)
      const removal = await sign('delete', start)
      clock.advance(9_999)
      const notYet = [403, 'not_yet_valid'] as const
      for (const url of [early, late]) await refused(context, KEY, notYet, () => get(context, url))
      await refused(context, KEY, notYet, () => put(context, upload, 'new'))
      await refused(context, KEY, notYet, () => remove(context, removal))
      clock.advance(1)
      assertWhole(await get(context, early), 'text')
      assert.equal((await put(context, upload, 'new')).status, 200)
      await refused(context, KEY, notYet, () => get(context, late))
      clock.advance(10_000)
      assertWhole(await get(context, late), 'new')
      assert.equal((await remove(context, removal)).status, 204)
    },
  },
  {
    name: 'an upload with an expired token stores nothing',
    async run(context) {
      const url = await uploadUrl(context, KEY, { expiresIn: 10 })
      context.clock.advance(10_000)
      await refused(context, KEY, [403, 'expired'], () => put(context, url, 'text'))
      await assertAbsent(context, KEY)
    },
  },
  {
    name: 'a life out of bounds is refused where the URL is minted',
    async run(context) {
      for (const expiresIn of [0, -1, 604_801, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8d', 'soon']) {
        await assert.rejects(context.files.signedUrl(KEY, { expiresIn }), { code: 'invalid_option' })
        await assert.rejects(context.files.signedUploadUrl(KEY, { expiresIn }), { code: 'invalid_option' })
      }
    },
  },
  {
    name: 'after a rotation the retired key still verifies and the new one signs',
    options: { keys: [CASE_KEY, RETIRED_KEY] },
    async run(context) {
      await context.put(KEY, 'text')
      const { url: old } = await context.another({ keys: [RETIRED_KEY] }).signedUrl(KEY)
      assertWhole(await get(context, old), 'text')
      const url = await readUrl(context, KEY)
      assert.ok(url.includes(`?token=${CASE_KEY.id}.`), url)
      assertWhole(await get(context, url), 'text')
    },
  },
  {
    name: 'a token of the retired key under the id of the new one is refused',
    options: { keys: [CASE_KEY, RETIRED_KEY] },
    async run(context) {
      await context.put(KEY, 'text')
      const { url } = await context.another({ keys: [{ ...RETIRED_KEY, id: CASE_KEY.id }] }).signedUrl(KEY)
      await refused(context, KEY, [403, 'invalid_signature'], () => get(context, url))
    },
  },
]
