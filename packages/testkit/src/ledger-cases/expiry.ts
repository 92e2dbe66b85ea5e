import type { LedgerCase } from '../ledger-case.js'
import {
  assertGranted,
  assertLeft,
  assertRefused,
  claimFor,
  claimsFor,
  granted,
  pass,
  passUntil,
  secondsFromNow,
} from './case-claims.js'

/** How long a count is kept. */
export const expiryCases: readonly LedgerCase[] = [
  {
    name: 'from the end of an id nothing is taken of it, used or not',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3)
      await assertGranted(ledger, claimFor(context, { expiresAt, limit: 5 }))
      await assertGranted(ledger, claimFor(context, { expiresAt, limit: 5 }))
      await passUntil(context, expiresAt)
      await assertRefused(ledger, claimFor(context, { expiresAt, limit: 5 }))
      await assertRefused(ledger, claimFor(context, { id: 'fresh', expiresAt, limit: 5 }))
      await assertRefused(ledger, claimFor(context, { id: 'fresh', expiresAt: 1, limit: 5 }))
    },
  },
  {
    name: 'a count is kept to the end of its id, whatever else comes and goes',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 5)
      await assertGranted(ledger, claimFor(context, { expiresAt }))
      await pass(context, 2500)
      for (let at = 0; at < 50; at++) await ledger.claim(claimFor(context, { id: `other-${at}` }))
      await assertRefused(ledger, claimFor(context, { expiresAt }))
    },
  },
  {
    name: 'a count is kept for weeks where its id lives as long',
    needs: ['clock'],
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 90 * 24 * 3600)
      await assertGranted(ledger, claimFor(context, { expiresAt }))
      for (let day = 0; day < 89; day++) {
        await pass(context, 24 * 3_600_000)
        await granted(ledger, claimsFor(context, 5, { id: `day-${day}`, limit: 2 }))
        await assertRefused(ledger, claimFor(context, { expiresAt }))
      }
    },
  },
  {
    name: 'an end may lie in the year 9999',
    async run(context) {
      const expiresAt = 253_402_300_799
      await assertGranted(context.ledger, claimFor(context, { expiresAt }))
      await assertRefused(context.ledger, claimFor(context, { expiresAt }))
      await context.ledger.revoke(['a'], { issuedBy: 1, expiresAt })
    },
  },
  {
    name: 'where claims differ in the end of an id, the count is kept to the latest one',
    async run(context) {
      const { ledger } = context
      const [soon, late] = [secondsFromNow(context, 3), secondsFromNow(context, 600)]
      const both = [
        { id: 'late first', ends: [late, soon] },
        { id: 'soon first', ends: [soon, late] },
      ]
      for (const { id, ends } of both) {
        for (const expiresAt of ends)
          await assertGranted(ledger, claimFor(context, { id, expiresAt, limit: 2 }))
      }
      await assertGranted(ledger, claimFor(context, { id: 'refused', expiresAt: soon }))
      await assertRefused(ledger, claimFor(context, { id: 'refused', expiresAt: late }))
      await passUntil(context, soon)
      for (const { id } of both) await assertLeft(context, 0, { id, expiresAt: late, limit: 2 })
      await assertLeft(context, 0, { id: 'refused', expiresAt: late })
    },
  },
]
