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
} from './case-claims.js'

const RACES = [
  [1, 1],
  [3, 7],
  [7, 7],
  [50, 1],
  [200, 3],
] as const

/** How uses are taken. */
export const claimCases: readonly LedgerCase[] = [
  ...RACES.map(
    ([count, limit]): LedgerCase => ({
      name: `of ${count} racing claims on a limit of ${limit}, ${Math.min(count, limit)} are granted`,
      async run(context) {
        const claims = claimsFor(context, count, { limit })
        assert.equal(await granted(context.ledger, claims), Math.min(count, limit))
        await assertLeft(context, Math.max(0, limit - count), { limit })
      },
    }),
  ),
  {
    name: 'of 200 claims that race over two ledgers on a limit of 3, 3 are granted',
    needs: ['another'],
    async run(context) {
      const second = await anotherOf(context)
      const claims = claimsFor(context, 200, { limit: 3 })
      assert.equal(await granted([context.ledger, second], claims), 3)
      await assertRefused(second, claimFor(context, { limit: 3 }))
    },
  },
  {
    name: 'ids count apart, also where many are claimed at once',
    async run(context) {
      const ids = Array.from({ length: 100 }, (_, at) => `id-${at}`)
      const counts = ids.map((id) => granted(context.ledger, claimsFor(context, 5, { id, limit: 2 })))
      assert.deepEqual(new Set(await Promise.all(counts)), new Set([2]))
    },
  },
  {
    name: 'each claim is held against its own limit',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { limit: 1 }))
      await assertRefused(ledger, claimFor(context, { limit: 1 }))
      await assertGranted(ledger, claimFor(context, { limit: 2 }))
      await assertRefused(ledger, claimFor(context, { limit: 2 }))
    },
  },
  {
    name: 'a limit may be as large as 2^53 - 1',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { limit: Number.MAX_SAFE_INTEGER }))
      await assertRefused(ledger, claimFor(context, { limit: 1 }))
      assert.equal(await ledger.isSpent(claimFor(context, { limit: Number.MAX_SAFE_INTEGER })), false)
      await assertLeft(context, 4, { limit: 5 })
    },
  },
  {
    name: 'a claim whose numbers are none is not granted, and disturbs no count',
    async run(context) {
      const { ledger } = context
      const bad = [
        ...[0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53].map((limit) => ({ limit })),
        ...[0, -1, Number.NaN].map((expiresAt) => ({ expiresAt, limit: 9 })),
        ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, 604_801].map((seconds) => ({
          limit: 9,
          resume: { client: 'c', seconds, joins: true },
        })),
      ]
      await assertGranted(ledger, claimFor(context))
      for (const told of bad) {
        const claim = claimFor(context, told)
        // To throw is as good.
        assert.equal(await ledger.claim(claim).catch(() => false), false, JSON.stringify(told))
        assert.equal(await ledger.isSpent(claim).catch(() => true), true, JSON.stringify(told))
        await ledger.release(claim).catch(() => {})
      }
      await assertRefused(ledger, claimFor(context))
      await assertLeft(context, 1, { limit: 2 })
    },
  },
]
