import assert from 'node:assert/strict'
import type { LedgerCase } from '../ledger-case.js'
import { assertGranted, assertLeft, claimFor, pass, passUntil, secondsFromNow } from './case-claims.js'

/** What is told of an id without taking of it. */
export const spentCases: readonly LedgerCase[] = [
  {
    name: 'isSpent says whether a claim would be refused, and takes nothing',
    async run(context) {
      const { ledger } = context
      const { attempt: _, ...asked } = claimFor(context, { limit: 2 })
      const ask = () => Promise.all(Array.from({ length: 20 }, () => ledger.isSpent(asked)))
      assert.deepEqual(new Set(await ask()), new Set([false]))
      const claim = claimFor(context, { limit: 2 })
      await assertGranted(ledger, claim)
      assert.deepEqual(new Set(await ask()), new Set([false]))
      await assertLeft(context, 1, { limit: 2 })
      assert.equal(await ledger.isSpent(asked), true)
      assert.equal(await ledger.isSpent({ ...asked, limit: 3 }), false)
      assert.equal(await ledger.isSpent({ ...asked, id: 'b' }), false)
      await ledger.release(claim)
      assert.equal(await ledger.isSpent(asked), false)
    },
  },
  {
    name: 'isSpent goes by the window of the client',
    async run(context) {
      const { ledger } = context
      const resume = { client: 'c', seconds: 4, joins: true }
      const { attempt: _, ...asked } = claimFor(context, { resume })
      await assertGranted(ledger, claimFor(context, { resume }))
      assert.equal(await ledger.isSpent(asked), false)
      assert.equal(await ledger.isSpent({ ...asked, resume: { ...resume, joins: false } }), true)
      assert.equal(await ledger.isSpent({ ...asked, resume: { ...resume, client: 'd' } }), true)
      assert.equal(await ledger.isSpent({ ...asked, id: 'b' }), false)
      await pass(context, 4000)
      assert.equal(await ledger.isSpent(asked), true)
    },
  },
  {
    name: 'isSpent neither opens a window nor joins one',
    async run(context) {
      const { ledger } = context
      const resume = { client: 'c', seconds: 600, joins: true }
      await ledger.isSpent(claimFor(context, { limit: 2, resume }))
      const opened = claimFor(context, { limit: 2, resume })
      await assertGranted(ledger, opened)
      await ledger.isSpent(claimFor(context, { limit: 2, resume }))
      await ledger.release(opened)
      await assertLeft(context, 2, { limit: 2 })
    },
  },
  {
    name: 'isSpent is true from the end of the id on',
    async run(context) {
      const { ledger } = context
      const { attempt: _, ...asked } = claimFor(context, { expiresAt: secondsFromNow(context, 3) })
      assert.equal(await ledger.isSpent(asked), false)
      await passUntil(context, asked.expiresAt)
      assert.equal(await ledger.isSpent(asked), true)
    },
  },
]
