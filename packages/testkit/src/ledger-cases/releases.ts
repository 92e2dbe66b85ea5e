import assert from 'node:assert/strict'
import type { LedgerCase } from '../ledger-case.js'
import {
  anotherOf,
  assertGranted,
  assertLeft,
  assertRefused,
  claimFor,
  claimsFor,
  granted,
  passUntil,
  secondsFromNow,
} from './case-claims.js'

/** How a use is given back of which nothing came. */
export const releaseCases: readonly LedgerCase[] = [
  {
    name: 'a use that is given back can be taken again',
    async run(context) {
      const { ledger } = context
      const claim = claimFor(context)
      await assertGranted(ledger, claim)
      await ledger.release(claim)
      assert.equal(await ledger.isSpent(claim), false)
      await assertGranted(ledger, claimFor(context))
      await assertRefused(ledger, claimFor(context))
    },
  },
  {
    name: 'a use is given back once, however often it is released',
    async run(context) {
      const { ledger } = context
      const [first, ...others] = claimsFor(context, 3, { limit: 3 })
      assert.ok(first)
      assert.equal(await granted(ledger, [first, ...others]), 3)
      for (let times = 0; times < 5; times++) await ledger.release(first)
      await Promise.all(Array.from({ length: 20 }, () => ledger.release(first)))
      await assertLeft(context, 1, { limit: 3 })
    },
  },
  {
    name: 'racing releases of one attempt give back one use',
    async run(context) {
      const { ledger } = context
      const [first, second] = claimsFor(context, 2, { limit: 2 })
      assert.ok(first && second)
      assert.equal(await granted(ledger, [first, second]), 2)
      await Promise.all(Array.from({ length: 50 }, () => ledger.release(first)))
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'a release of what nobody took does nothing',
    async run(context) {
      const { ledger } = context
      const claim = claimFor(context)
      await ledger.release(claimFor(context))
      await ledger.release(claimFor(context, { id: 'never claimed' }))
      await assertGranted(ledger, claim)
      await ledger.release(claimFor(context))
      await ledger.release({ ...claim, id: 'b' })
      await assertLeft(context, 0)
      await assertLeft(context, 1, { id: 'b' })
      await assertLeft(context, 1, { id: 'never claimed' })
    },
  },
  {
    name: 'a use is given back over another ledger',
    needs: ['another'],
    async run(context) {
      const claim = claimFor(context)
      await assertGranted(context.ledger, claim)
      await (await anotherOf(context)).release(claim)
      await assertLeft(context, 1)
    },
  },
  {
    name: 'racing claims and releases lose no use and gain none',
    async run(context) {
      const { ledger } = context
      const limit = 5
      let held = 0
      const worker = async () => {
        for (let turn = 0; turn < 5; turn++) {
          const claim = claimFor(context, { limit })
          if (!(await ledger.claim(claim))) continue
          held++
          assert.ok(held <= limit, `${held} hold what ${limit} may`)
          await Promise.resolve()
          held--
          await ledger.release(claim)
        }
      }
      await Promise.all(Array.from({ length: 30 }, worker))
      await assertLeft(context, limit, { limit })
    },
  },
  {
    name: 'a release that comes after the end of the id is no error',
    async run(context) {
      const { ledger } = context
      const claim = claimFor(context, { expiresAt: secondsFromNow(context, 2) })
      await assertGranted(ledger, claim)
      await passUntil(context, claim.expiresAt)
      await ledger.release(claim)
      await assertRefused(ledger, claimFor(context, { expiresAt: claim.expiresAt }))
    },
  },
]
