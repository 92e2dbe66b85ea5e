import assert from 'node:assert/strict'
import { attenuate, type NarrowOptions, narrow, presignUrl } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, put, tokenOf } from '../http-cases/exchange.js'
import { assertProblem, assertStored, assertWhole, refused } from '../http-cases/expect.js'
import { revocationCase } from './case-ledger.js'

const TEXT = 'some text'
const revocable = true

function narrowed(context: HttpCaseContext, url: string, options: NarrowOptions = { expiresIn: 600 }) {
  return narrow(url, { ...options, now: context.clock.now })
}

/** What is revoked with what, where one token was made from another. */
export const descentCases: readonly HttpCase[] = [
  revocationCase('what was narrowed from a URL is revoked with it', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    const child = await narrowed(context, url)
    const grandchild = await narrowed(context, child.url, { revocable })
    assertWhole(await get(context, grandchild.url), TEXT)
    await context.files.revoke({ url })
    for (const each of [url, child.url, grandchild.url, (await narrowed(context, url, { revocable })).url]) {
      assertProblem(await get(context, each), 403, 'revoked')
    }
  }),
  revocationCase('a narrowed URL with an id is revoked alone, with all below it', async (context) => {
    await context.put('a.txt', TEXT)
    const { url, id: first } = await context.files.signedUrl('a.txt', { revocable })
    const child = await narrowed(context, url, { revocable })
    const sibling = await narrowed(context, url, { revocable })
    const grandchild = await narrowed(context, child.url)
    assert.match(child.id ?? '', new RegExp(`^${first}\\.[\\w-]{16}$`))
    await context.files.revoke({ url: child.url })
    for (const each of [child, grandchild]) assertProblem(await get(context, each.url), 403, 'revoked')
    for (const each of [url, sibling.url]) assertWhole(await get(context, each), TEXT)
    assert.ok(sibling.id !== undefined)
    await context.files.revoke({ id: sibling.id })
    assertProblem(await get(context, sibling.url), 403, 'revoked')
    assertWhole(await get(context, url), TEXT)
  }),
  revocationCase('a narrowed URL without an id is revoked with what it was made from', async (context) => {
    await context.put('a.txt', TEXT)
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    const child = await narrowed(context, url)
    assert.equal(child.id, undefined)
    await context.files.revoke({ url: child.url })
    for (const each of [url, child.url]) assertProblem(await get(context, each), 403, 'revoked')
  }),
  revocationCase(
    'however early a narrowed URL ends, its origin stays revoked to its own end',
    async (context) => {
      await context.put('a.txt', TEXT)
      const ledger = context.files
      const { url } = await ledger.signedUrl('a.txt', { revocable, expiresIn: 3600 })
      const brief = await narrowed(context, url, { expiresIn: 1 })
      await context.files.revoke({ url: brief.url })
      context.clock.advance(3_599_000)
      assertProblem(await get(context, url), 403, 'revoked')
    },
  ),
  revocationCase('a URL that takes the id of another is not that one', async (context) => {
    await context.put('a.txt', TEXT)
    const { url: victim, id = '' } = await context.files.signedUrl('a.txt', { revocable })
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    const imposter = await attenuate(tokenOf(url), { fields: { id } })
    await context.files.revoke({ url: url.replace(tokenOf(url), imposter) })
    assertWhole(await get(context, victim), TEXT)
  }),
  revocationCase('a delegation is revoked with all its URLs, and one of them alone', async (context) => {
    for (const key of ['u/a.txt', 'u/b.txt']) await context.put(key, TEXT)
    const delegation = await context.files.issueSignedToken({
      prefix: 'u/',
      operations: ['get', 'head', 'put'],
      allowOverwrite: true,
      revocable,
    })
    const { now } = context.clock
    const a = await presignUrl(delegation, { operation: 'get', key: 'u/a.txt', revocable, now })
    const b = await presignUrl(delegation, { operation: 'get', key: 'u/b.txt', now })
    const upload = await presignUrl(delegation, { operation: 'put', key: 'u/a.txt', now })
    await context.files.revoke({ url: a.url })
    assertProblem(await get(context, a.url), 403, 'revoked')
    assertWhole(await get(context, b.url), TEXT)
    assert.equal((await put(context, upload.url, TEXT)).status, 200)
    assert.ok(delegation.id !== undefined && a.id?.startsWith(`${delegation.id}.`))
    await context.files.revoke({ id: delegation.id })
    const late = await presignUrl(delegation, { operation: 'get', key: 'u/a.txt', revocable, now })
    for (const { url } of [a, b, late]) assertProblem(await get(context, url), 403, 'revoked')
    await refused(context, 'u/a.txt', [403, 'revoked'], () => put(context, upload.url, 'other'))
    await assertStored(context, 'u/a.txt', TEXT)
  }),
]
