import assert from 'node:assert/strict'
import type { LedgerCase, LedgerCaseContext, LedgerEngine } from '../ledger-case.js'
import { assertGranted, assertLeft, claimFor, claimsFor } from './case-claims.js'
import { callsOf, insist, outcomeOf } from './insist.js'

/** What happens when the store goes, and when it comes back. */
export const engineCases: readonly LedgerCase[] = [
  {
    name: 'a ledger whose store is killed throws, soon',
    needs: ['engine'],
    async run(context) {
      const engine = engineOf(context)
      await assertGranted(context.ledger, claimFor(context))
      await engine.kill()
      await assertAllThrow(context)
      // Not only the call that finds the connection broken.
      await assertAllThrow(context)
      await engine.restart()
    },
  },
  {
    name: 'a ledger whose store stands still throws, soon',
    needs: ['engine'],
    async run(context) {
      const engine = engineOf(context)
      await assertGranted(context.ledger, claimFor(context))
      await engine.pause()
      try {
        await assertAllThrow(context)
        await assertAllThrow(context)
      } finally {
        await engine.resume()
      }
    },
  },
  {
    name: 'a ledger answers again when its store is back, and knows what it knew',
    needs: ['engine', 'durable'],
    async run(context) {
      const { ledger } = context
      const engine = engineOf(context)
      const kept = claimFor(context, { limit: 3, resume: { client: 'c', seconds: 600, joins: true } })
      const released = claimFor(context, { limit: 3 })
      await assertGranted(ledger, kept)
      await assertGranted(ledger, released)
      await ledger.release(released)
      await ledger.revoke(['a'], { issuedBy: 5, expiresAt: kept.expiresAt })
      for (let times = 0; times < 2; times++) {
        await engine.kill()
        assert.equal(await outcomeOf(() => ledger.claim(claimFor(context, { id: 'meanwhile' }))), 'threw')
        await engine.restart()
        assert.equal(await insist(() => ledger.claim(kept)), true)
      }
      await assertGranted(ledger, {
        ...claimFor(context, { limit: 3 }),
        resume: kept.resume ?? assert.fail(),
      })
      assert.deepEqual([await ledger.isRevoked(['a'], 5), await ledger.isRevoked(['a'], 6)], [true, false])
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'claims that were cut off when the store was killed count once, when they are made again',
    needs: ['engine', 'durable'],
    async run(context) {
      const engine = engineOf(context)
      const claims = claimsFor(context, 120, { limit: 30 })
      const first = claims.map((claim) => context.ledger.claim(claim).catch(() => undefined))
      await Promise.race(first)
      await engine.kill()
      const before = await Promise.all(first)
      await engine.restart()
      const after = await Promise.all(claims.map((claim) => insist(() => context.ledger.claim(claim))))
      assert.equal(after.filter((answer) => answer).length, 30)
      before.forEach((answer, at) => {
        if (answer === true) assert.equal(after[at], true, 'what was granted stays so')
      })
    },
  },
  {
    name: 'claims that were given up while the store stood still count once, when they are made again',
    needs: ['engine'],
    async run(context) {
      const engine = engineOf(context)
      const claims = claimsFor(context, 10, { limit: 6 })
      await engine.pause()
      const outcomes = Promise.all(claims.map((claim) => outcomeOf(() => context.ledger.claim(claim))))
      assert.deepEqual(new Set(await outcomes.finally(() => engine.resume())), new Set(['threw']))
      const answers = await Promise.all(claims.map((claim) => insist(() => context.ledger.claim(claim))))
      assert.equal(answers.filter((answer) => answer).length, 6)
      await assertLeft(context, 0, { limit: 6 })
    },
  },
]

function engineOf({ engine }: LedgerCaseContext): LedgerEngine {
  assert.ok(engine, 'the case needs an engine')
  return engine
}

async function assertAllThrow(context: LedgerCaseContext): Promise<void> {
  const calls = Object.entries(callsOf(context.ledger, claimFor(context)))
  const outcomes = calls.map(async ([name, call]) => `${name} ${await outcomeOf(call)}`)
  assert.deepEqual(
    await Promise.all(outcomes),
    calls.map(([name]) => `${name} threw`),
  )
}
