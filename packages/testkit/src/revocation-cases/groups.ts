import assert from 'node:assert/strict'
import { presignUrl } from '@latchkey/core/token'
import { CASE_KEY, type HttpCase } from '../http-case.js'
import { get, readUrl } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { LATER, revocationCase } from './case-ledger.js'

const TEXT = 'some text'
const revocable = true
const OTHER_KEY = { id: 'k2', secret: 'another secret of the conformance cases' }

/** Subjects, prefixes and signing keys: many tokens at once. */
export const groupCases: readonly HttpCase[] = [
  revocationCase('a subject is revoked in all its URLs, and no other’s', async (context) => {
    for (const key of ['a.txt', 'b.txt']) await context.put(key, TEXT)
    const eve = await Promise.all(['a.txt', 'b.txt'].map((key) => readUrl(context, key, { subject: 'eve' })))
    const others = [
      await readUrl(context, 'a.txt', { subject: 'bob' }),
      await readUrl(context, 'a.txt', { subject: 'eve2' }),
      await readUrl(context, 'a.txt', { revocable }),
      await readUrl(context, 'a.txt'),
    ]
    for (const url of eve) assertWhole(await get(context, url), TEXT)
    await context.files.revoke({ subject: 'eve' })
    for (const url of eve) assertProblem(await get(context, url), 403, 'revoked')
    for (const url of others) assertWhole(await get(context, url), TEXT)
  }),
  revocationCase('what is issued after a subject was revoked is good', async (context) => {
    await context.put('a.txt', TEXT)
    const old = await readUrl(context, 'a.txt', { subject: 'eve' })
    await context.files.revoke({ subject: 'eve' })
    context.clock.advance(LATER)
    const fresh = await readUrl(context, 'a.txt', { subject: 'eve' })
    assertWhole(await get(context, fresh), TEXT)
    assertProblem(await get(context, old), 403, 'revoked')
  }),
  revocationCase('what was issued in the same second is revoked, by whatever clock', async (context) => {
    await context.put('a.txt', TEXT)
    context.clock.advance(900)
    const same = await readUrl(context, 'a.txt', { subject: 'eve' })
    const ahead = context.another({ now: () => context.clock.now() + 1000 })
    const { url: early } = await ahead.signedUrl('a.txt', { subject: 'eve' })
    context.clock.advance(-900)
    await context.files.revoke({ subject: 'eve' })
    for (const url of [same, early]) assertProblem(await get(context, url), 403, 'revoked')
  }),
  revocationCase(
    'a prefix is revoked for the keys that begin with it, and for no others',
    async (context) => {
      const keys = ['u/1/a.txt', 'u/1/deep/b.txt', 'u/10/c.txt', 'u/1', 'v/u/1/d.txt', 'top.txt']
      const urls = new Map<string, string>()
      for (const key of keys) {
        const storable = key !== 'u/1' || (await context.driver.stat('u/1/a.txt')) === null
        if (storable) await context.put(key, TEXT)
        urls.set(key, await readUrl(context, key, { revocable }))
      }
      const revokedNow = async (): Promise<string[]> => {
        const revoked: string[] = []
        for (const [key, url] of urls) {
          if ((await get(context, url)).body.toString().includes('"revoked"')) revoked.push(key)
        }
        return revoked
      }
      await context.files.revoke({ keyPrefix: 'u/1/deep/' })
      assert.deepEqual(await revokedNow(), ['u/1/deep/b.txt'])
      await context.files.revoke({ keyPrefix: 'u/1/' })
      assert.deepEqual(await revokedNow(), ['u/1/a.txt', 'u/1/deep/b.txt'])
      await context.files.revoke({ keyPrefix: 'u/1' })
      assert.deepEqual(await revokedNow(), ['u/1/a.txt', 'u/1/deep/b.txt', 'u/1'])
      await context.files.revoke({ keyPrefix: 'top.txt' })
      assert.deepEqual(await revokedNow(), ['u/1/a.txt', 'u/1/deep/b.txt', 'u/1', 'top.txt'])
      await context.files.revoke({ keyPrefix: '' })
      assert.deepEqual(await revokedNow(), keys)
      context.clock.advance(LATER)
      assertWhole(await get(context, await readUrl(context, 'top.txt', { revocable })), TEXT)
    },
  ),
  revocationCase('a prefix without its slash is revoked with what lies below it', async (context) => {
    await context.put('u/1/a.txt', TEXT)
    await context.put('u/10/a.txt', TEXT)
    const below = await readUrl(context, 'u/1/a.txt', { revocable })
    const beside = await readUrl(context, 'u/10/a.txt', { revocable })
    await context.files.revoke({ keyPrefix: 'u/1' })
    assertProblem(await get(context, below), 403, 'revoked')
    assertWhole(await get(context, beside), TEXT)
  }),
  revocationCase('a delegation loses a prefix and keeps the rest of its scope', async (context) => {
    for (const key of ['u/1/a.txt', 'u/2/a.txt']) await context.put(key, TEXT)
    const delegation = await context.files.issueSignedToken({ prefix: 'u/', revocable })
    const url = async (key: string): Promise<string> =>
      (await presignUrl(delegation, { operation: 'get', key, now: context.clock.now })).url
    await context.files.revoke({ keyPrefix: 'u/1/' })
    assertProblem(await get(context, await url('u/1/a.txt')), 403, 'revoked')
    assertWhole(await get(context, await url('u/2/a.txt')), TEXT)
  }),
  revocationCase('a signing key is revoked for good, and no other', async (context) => {
    await context.put('a.txt', TEXT)
    const both = context.another({ keys: [OTHER_KEY, CASE_KEY] })
    const mine = await readUrl(context, 'a.txt', { revocable })
    const { url: theirs } = await both.signedUrl('a.txt', { revocable })
    const served = await context.serve({ keys: [CASE_KEY, OTHER_KEY] })
    await served.files.revoke({ signingKey: CASE_KEY.id })
    assertProblem(await get(served, mine), 403, 'revoked')
    assertWhole(await get(served, theirs), TEXT)
    context.clock.advance(30 * 86_400_000)
    assertProblem(await get(served, await readUrl(context, 'a.txt', { revocable })), 403, 'revoked')
    assertWhole(await get(served, (await both.signedUrl('a.txt', { revocable })).url), TEXT)
  }),
  revocationCase('mounts that share a ledger do not revoke each other’s tokens', async (context) => {
    await context.put('u/a.txt', TEXT)
    const url = await readUrl(context, 'u/a.txt', { subject: 'eve' })
    const other = context.another({ audience: 'another mount' })
    await other.revoke({ subject: 'eve' })
    await other.revoke({ keyPrefix: '' })
    await other.revoke({ signingKey: CASE_KEY.id })
    assertWhole(await get(context, url), TEXT)
    await assert.rejects(other.revoke({ url }), { code: 'invalid_option' })
    await context
      .another({ baseUrl: 'https://cdn.example/f', audience: `https://files.example${context.mount}` })
      .revoke({ subject: 'eve' })
    assertProblem(await get(context, url), 403, 'revoked')
  }),
]
