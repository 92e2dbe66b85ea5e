import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { LATER, revocationCase } from './case-ledger.js'

const TEXT = 'some text'
const revocable = true

/** Cookies that are revoked. */
export const cookieCases: readonly HttpCase[] = [
  revocationCase('a cookie is revoked by its id, its subject and its prefix', async (context, ledger) => {
    await context.put('t/a.txt', TEXT)
    const url = `${context.mount}/t/a.txt`
    const { id } = await context.files.signedCookie('t/', { revocable })
    assert.ok(id !== undefined)
    for (const what of [{ id }, { subject: 'eve' }, { keyPrefix: 't/' }] as const) {
      ledger.revocations.clear()
      const made = await context.files.signedCookie('t/', { subject: 'eve' })
      const revoked = 'id' in what ? { id: made.id ?? '' } : what
      const cookie = `${made.name}=${made.value}`
      assertWhole(await get(context, url, { cookie }), TEXT)
      await context.files.revoke(revoked)
      assertProblem(await get(context, url, { cookie }), 403, 'revoked')
      context.clock.advance(LATER)
      const { name, value } = await context.files.signedCookie('t/', { subject: 'eve' })
      assertWhole(await get(context, url, { cookie: `${cookie}; ${name}=${value}` }), TEXT)
    }
  }),
  revocationCase(
    'a ledger that fails refuses what a cookie opens, and nothing that is public',
    async (context, ledger, faults) => {
      await context.put('t/a.txt', TEXT)
      const { name, value } = await context.files.signedCookie('t/', { revocable })
      const cookie = `${name}=${value}`
      ledger.onIsRevoked = async () => {
        throw new Error('down')
      }
      assertProblem(await get(context, `${context.mount}/t/a.txt`, { cookie }), 503, 'ledger_unavailable')
      assert.equal(faults.length, 1)
      const stateless = await context.files.signedCookie('t/')
      const both = `${cookie}; ${stateless.name}=${stateless.value}`
      assertWhole(await get(context, `${context.mount}/t/a.txt`, { cookie: both }), TEXT)
      if (!context.driver.capabilities.metadata) return
      await context.put('t/b.txt', TEXT, { visibility: 'public' })
      assertWhole(await get(context, `${context.mount}/t/b.txt`, { cookie }), TEXT)
    },
  ),
]
