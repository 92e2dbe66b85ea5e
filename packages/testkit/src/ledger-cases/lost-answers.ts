import assert from 'node:assert/strict'
import type { LedgerCase, LedgerCaseContext, LossyLedger } from '../ledger-case.js'
import { assertGranted, assertLeft, claimFor } from './case-claims.js'
import { callsOf, insist } from './insist.js'

/** The store has done what it was asked, and the ledger never heard of it. */
export const lostAnswerCases: readonly LedgerCase[] = [
  {
    name: 'a claim whose answer was lost counts once, when it is made again',
    needs: ['lossy'],
    async run(context) {
      const lossy = await lossyOf(context)
      const claim = claimFor(context, { limit: 3 })
      await losing(lossy, () => lossy.ledger.claim(claim))
      assert.equal(await context.ledger.isSpent({ ...claim, limit: 1 }), true, 'it was counted')
      assert.equal(await insist(() => lossy.ledger.claim(claim)), true)
      await assertGranted(context.ledger, claim)
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'a claim whose answer was lost can be released',
    needs: ['lossy'],
    async run(context) {
      const lossy = await lossyOf(context)
      const claim = claimFor(context, { limit: 3 })
      await losing(lossy, () => lossy.ledger.claim(claim))
      await insist(() => lossy.ledger.release(claim))
      await assertLeft(context, 3, { limit: 3 })
    },
  },
  {
    name: 'a release whose answer was lost gives back one use, when it is made again',
    needs: ['lossy'],
    async run(context) {
      const lossy = await lossyOf(context)
      const claim = claimFor(context, { limit: 3 })
      await assertGranted(context.ledger, claim)
      await assertGranted(context.ledger, claimFor(context, { limit: 3 }))
      await losing(lossy, () => lossy.ledger.release(claim))
      await insist(() => lossy.ledger.release(claim))
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'a revocation whose answer was lost holds',
    needs: ['lossy'],
    async run(context) {
      const lossy = await lossyOf(context)
      const revocation = { issuedBy: 5, expiresAt: claimFor(context).expiresAt }
      await losing(lossy, () => lossy.ledger.revoke(['b'], revocation))
      assert.equal(await context.ledger.isRevoked(['b'], 5), true)
      await insist(() => lossy.ledger.revoke(['b'], revocation))
    },
  },
]

async function lossyOf({ lossy }: LedgerCaseContext): Promise<LossyLedger> {
  assert.ok(lossy, 'the case needs a connection that loses answers')
  const opened = await lossy()
  // The first call of a kind may be about the connection alone, or about the script that the call is.
  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  for (const call of Object.values(
    callsOf(opened.ledger, { id: 'warm', limit: 1, expiresAt, attempt: 'warm' }),
  ))
    await call()
  return opened
}

/** Asks, and loses an answer. The ledger may throw, or ask again by itself. */
async function losing(lossy: LossyLedger, ask: () => Promise<unknown>): Promise<void> {
  const lost = lossy.lost()
  lossy.loseNextAnswer()
  await ask().catch(() => {})
  assert.equal(lossy.lost(), lost + 1, 'an answer was lost')
}
