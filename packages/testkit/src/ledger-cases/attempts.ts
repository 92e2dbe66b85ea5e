import assert from 'node:assert/strict'
import type { LedgerCase } from '../ledger-case.js'
import {
  anotherOf,
  assertGranted,
  assertLeft,
  assertRefused,
  claimFor,
  granted,
  pass,
  secondsFromNow,
} from './case-claims.js'

/** Claims that are repeated, as their answer was lost. */
export const attemptCases: readonly LedgerCase[] = [
  {
    name: 'a claim that is repeated is granted again, and takes nothing',
    async run(context) {
      const { ledger } = context
      const claim = claimFor(context, { limit: 2 })
      for (let times = 0; times < 5; times++) await assertGranted(ledger, claim)
      await assertLeft(context, 1, { limit: 2 })
      await assertGranted(ledger, claim, 'also when all is used up')
      await assertRefused(ledger, claimFor(context, { limit: 2 }))
    },
  },
  {
    name: '50 racing claims of one attempt are all granted, and take one use',
    async run(context) {
      const claim = claimFor(context, { limit: 2 })
      assert.equal(await granted(context.ledger, Array(50).fill(claim)), 50)
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'a claim is repeated over another ledger',
    needs: ['another'],
    async run(context) {
      const claim = claimFor(context, { limit: 2 })
      await assertGranted(context.ledger, claim)
      await assertGranted(await anotherOf(context), claim)
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'an attempt on one id is none on another',
    async run(context) {
      const { ledger } = context
      const claim = claimFor(context)
      await assertGranted(ledger, claim)
      await assertGranted(ledger, claimFor(context, { id: 'b' }))
      await assertRefused(ledger, { ...claim, id: 'b' })
    },
  },
  {
    name: 'a claim that was refused is not granted when repeated, but may take what has been given back',
    async run(context) {
      const { ledger } = context
      const first = claimFor(context)
      const second = claimFor(context)
      await assertGranted(ledger, first)
      for (let times = 0; times < 3; times++) await assertRefused(ledger, second)
      await ledger.release(first)
      await assertGranted(ledger, second)
      await assertLeft(context, 0)
    },
  },
  {
    name: 'a claim that was refused cannot be released',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context))
      const refused = claimFor(context)
      await assertRefused(ledger, refused)
      await ledger.release(refused)
      await assertLeft(context, 0)
    },
  },
  {
    name: 'an attempt is remembered for five minutes',
    needs: ['clock'],
    async run(context) {
      const { ledger } = context
      const resume = { client: 'c', seconds: 60, joins: true }
      const took = claimFor(context, { limit: 2, resume })
      const joined = claimFor(context, { limit: 2, resume })
      await assertGranted(ledger, took)
      await assertGranted(ledger, joined)
      await pass(context, 299_000)
      // Others come and go meanwhile.
      for (let at = 0; at < 50; at++) await ledger.claim(claimFor(context, { id: `other-${at}` }))
      await assertGranted(ledger, took)
      await assertGranted(ledger, joined)
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'a repeated claim does not open its window anew',
    async run(context) {
      const { ledger } = context
      const resume = { client: 'c', seconds: 4, joins: true }
      const claim = claimFor(context, { resume })
      await assertGranted(ledger, claim)
      await pass(context, 2000)
      await assertGranted(ledger, claim)
      await pass(context, 2000)
      await assertRefused(ledger, claimFor(context, { resume }))
      await assertGranted(ledger, claim, 'the attempt outlives the window')
    },
  },
  {
    name: 'an attempt is remembered while its id is',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 4)
      const claim = claimFor(context, { expiresAt, limit: 2 })
      await assertGranted(ledger, claim)
      await pass(context, 2000)
      await assertGranted(ledger, claim)
      await assertLeft(context, 1, { expiresAt, limit: 2 })
    },
  },
]
