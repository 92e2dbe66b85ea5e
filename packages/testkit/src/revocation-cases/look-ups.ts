import assert from 'node:assert/strict'
import { LatchkeyError } from '@latchkey/core'
import { CASE_KEY, type HttpCase } from '../http-case.js'
import { get, head, put, readUrl, remove, targetOf, uploadUrl } from '../http-cases/exchange.js'
import { assertProblem, assertWhole, refused } from '../http-cases/expect.js'
import { CaseLedger, LATER, revocationCase } from './case-ledger.js'

const TEXT = 'some text'
const revocable = true
const EVERYTHING = { revocable, operations: ['get', 'head', 'delete'] } as const

/** Who is looked up, when, and what becomes of a request that nobody can look up. */
export const lookupCases: readonly HttpCase[] = [
  revocationCase(
    'what is revoked in one process is refused in every other at once',
    async (context, ledger) => {
      await context.put('a.txt', TEXT)
      const other = await context.serve({ ledger })
      const url = await readUrl(context, 'a.txt', { revocable })
      assertWhole(await get(other, url), TEXT)
      await context.files.revoke({ url })
      assertProblem(await get(other, url), 403, 'revoked')
      const theirs = await readUrl(other, 'a.txt', { subject: 'eve' })
      await context.files.revoke({ subject: 'eve' })
      assertProblem(await get(other, theirs), 403, 'revoked')
    },
  ),
  revocationCase('a token that cannot be revoked costs no look-up', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const unmarked = [
      await readUrl(context, 'a.txt'),
      await readUrl(context, 'a.txt', { subject: 'eve', revocable: false }),
    ]
    await context.files.revoke({ subject: 'eve' })
    await context.files.revoke({ keyPrefix: '' })
    for (const url of unmarked) {
      assertWhole(await get(context, url), TEXT)
      await assert.rejects(context.files.revoke({ url }), { code: 'invalid_option' })
    }
    assert.equal((await put(context, await uploadUrl(context, 'b.txt'), TEXT)).status, 201)
    assert.equal(ledger.looks, 0)
  }),
  revocationCase('a token that can be costs one look-up for each request', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', EVERYTHING)
    const upload = await uploadUrl(context, 'b.txt', { revocable })
    const requests = [
      () => get(context, url),
      () => get(context, `${url}&uploads`),
      () => get(context, `${url}&download=1`),
      () => head(context, url),
      () => put(context, upload, TEXT),
      () => remove(context, url),
    ]
    for (const [at, act] of requests.entries()) {
      assert.ok((await act()).status < 300)
      assert.equal(ledger.looks, at + 1)
    }
  }),
  revocationCase('a token that is none of ours costs no look-up', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = targetOf(
      await readUrl(context, 'a.txt', { revocable, notBefore: context.clock.now() + 60_000 }),
    )
    assertProblem(await get(context, url.replace('a.txt', 'b.txt')), 403, 'invalid_signature')
    assertProblem(await get(context, `${url}A`), 403, 'invalid_signature')
    assertProblem(await get(context, url), 403, 'not_yet_valid')
    assert.equal(ledger.looks, 0)
  }),
  revocationCase('a revoked token is that before its operation is looked at', async (context) => {
    const { url } = await context.files.signedUrl('a.txt', { revocable })
    await refused(context, 'a.txt', [403, 'invalid_signature'], () => put(context, url, TEXT))
    await context.files.revoke({ url })
    await refused(context, 'a.txt', [403, 'revoked'], () => put(context, url, TEXT))
  }),
  revocationCase(
    'a mount whose tokens can all be revoked looks up every one, also what does not say so',
    async (context, ledger) => {
      await context.put('u/a.txt', TEXT)
      const served = await context.serve({ ledger, revocable })
      const marked = await readUrl(served, 'u/a.txt')
      assertWhole(await get(served, marked), TEXT)
      assert.equal(ledger.looks, 1)
      // No browser keeps what may be revoked meanwhile.
      const unmarked = await get(served, await readUrl(context, 'u/a.txt'))
      assert.equal(unmarked.headers['cache-control'], 'private, no-cache')
      await served.files.revoke({ url: marked })
      assertProblem(await get(served, marked), 403, 'revoked')
      // As whoever knows the secret mints them.
      const forger = context.another({})
      const forge = async (): Promise<string> =>
        (await forger.signedUrl('u/a.txt', { subject: 'eve', revocable: false })).url
      for (const [what, again] of [
        [{ subject: 'eve' }, true],
        [{ keyPrefix: 'u/' }, true],
        [{ signingKey: CASE_KEY.id }, false],
      ] as const) {
        ledger.revocations.clear()
        assertWhole(await get(served, await forge()), TEXT)
        await served.files.revoke(what)
        context.clock.advance(LATER)
        assertProblem(await get(served, await forge()), 403, 'revoked')
        const { status } = await get(served, await readUrl(served, 'u/a.txt', { subject: 'eve' }))
        assert.equal(status === 200, again)
      }
    },
  ),
  revocationCase(
    'a ledger that fails refuses what can be revoked, and nothing else',
    async (context, ledger, faults) => {
      await context.put('a.txt', TEXT)
      const url = await readUrl(context, 'a.txt', EVERYTHING)
      const upload = await uploadUrl(context, 'a.txt', { revocable, allowOverwrite: true })
      const stateless = await readUrl(context, 'a.txt')
      ledger.onIsRevoked = async () => {
        throw new Error('down')
      }
      const reply = await get(context, url)
      assertProblem(reply, 503, 'ledger_unavailable')
      assert.ok(Number(reply.headers['retry-after']) >= 1)
      assert.equal((await head(context, url)).status, 503)
      const unavailable = [503, 'ledger_unavailable'] as const
      await refused(context, 'a.txt', unavailable, () => put(context, upload, 'other'))
      await refused(context, 'a.txt', unavailable, () => remove(context, url))
      assert.equal(faults.length, 4)
      assert.ok(faults.every((fault) => fault instanceof LatchkeyError && fault.cause instanceof Error))
      assertWhole(await get(context, stateless), TEXT)
    },
  ),
  revocationCase('a ledger that does not answer is given up', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { revocable })
    ledger.onIsRevoked = () => new Promise(() => {})
    const started = Date.now()
    assertProblem(await get(context, url), 503, 'ledger_unavailable')
    assert.ok(Date.now() - started < 15_000)
  }),
  revocationCase('a ledger that says neither yes nor no is no leave to serve', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { revocable })
    const vague = Object.assign(new CaseLedger(), { isRevoked: async () => undefined as unknown as boolean })
    assertProblem(await get(await context.serve({ ledger: vague }), url), 403, 'revoked')
    assert.equal(ledger.looks, 0)
  }),
  {
    name: 'a process without a ledger serves nothing that can be revoked',
    async run(context) {
      await context.put('a.txt', TEXT)
      const elsewhere = context.another({ ledger: new CaseLedger() })
      const { url } = await elsewhere.signedUrl('a.txt', { revocable })
      const served = await context.serve({ onError: () => {} })
      assertProblem(await get(served, url), 503, 'ledger_unavailable')
      await assert.rejects(context.files.signedUrl('a.txt', { revocable }), { code: 'invalid_option' })
      assertWhole(await get(served, await readUrl(context, 'a.txt', { subject: 'eve' })), TEXT)
    },
  },
]
