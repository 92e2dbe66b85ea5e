import assert from 'node:assert/strict'
import type { ResumeWindow } from '@latchkey/core'
import type { LedgerCase } from '../ledger-case.js'
import {
  anotherOf,
  assertGranted,
  assertLeft,
  assertRefused,
  claimFor,
  claimsFor,
  granted,
  pass,
} from './case-claims.js'

const part = (client = 'c', seconds = 600): ResumeWindow => ({ client, seconds, joins: true })
const whole = (client = 'c', seconds = 600): ResumeWindow => ({ client, seconds, joins: false })

/** How requests of one client share a download. */
export const windowCases: readonly LedgerCase[] = [
  {
    name: 'a client comes back inside the window as often as it likes, also when all is used up',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { resume: whole() }))
      for (let times = 0; times < 5; times++)
        await assertGranted(ledger, claimFor(context, { resume: part() }))
      assert.equal(await granted(ledger, claimsFor(context, 50, { resume: part() })), 50)
      await assertRefused(ledger, claimFor(context))
    },
  },
  {
    name: 'what joins takes nothing',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { limit: 3, resume: whole() }))
      assert.equal(await granted(ledger, claimsFor(context, 20, { limit: 3, resume: part() })), 20)
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'a window is joined over another ledger',
    needs: ['another'],
    async run(context) {
      await assertGranted(context.ledger, claimFor(context, { resume: whole() }))
      await assertGranted(await anotherOf(context), claimFor(context, { resume: part() }))
    },
  },
  {
    name: 'a window is of its client and its id alone',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { resume: whole() }))
      await assertGranted(ledger, claimFor(context, { id: 'b' }))
      for (const client of ['d', 'C', 'c ', ''])
        await assertRefused(ledger, claimFor(context, { resume: part(client) }))
      await assertRefused(ledger, claimFor(context, { id: 'b', resume: part() }))
    },
  },
  {
    name: 'a request for the whole takes a use, in an open window too',
    async run(context) {
      const { ledger } = context
      assert.equal(await granted(ledger, claimsFor(context, 5, { limit: 3, resume: whole() })), 3)
      await assertLeft(context, 0, { limit: 3 })
    },
  },
  {
    name: 'a request for a part takes a use where no window is open, and opens one',
    async run(context) {
      const { ledger } = context
      assert.equal(await granted(ledger, claimsFor(context, 100, { limit: 3, resume: part() })), 100)
      await assertLeft(context, 2, { limit: 3 })
      await assertRefused(ledger, claimFor(context, { limit: 3, resume: part('d') }))
    },
  },
  {
    name: 'a claim without a window opens none',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context))
      await assertRefused(ledger, claimFor(context, { resume: part() }))
    },
  },
  {
    name: 'a claim that is refused opens no window',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context))
      await assertRefused(ledger, claimFor(context, { resume: part() }))
      await assertRefused(ledger, claimFor(context, { resume: part() }))
    },
  },
  {
    name: 'a window closes so many seconds after the request that was counted; what joins does not prolong it',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { resume: whole('c', 4) }))
      await pass(context, 2000)
      await assertGranted(ledger, claimFor(context, { resume: part('c', 4) }))
      await pass(context, 2000)
      await assertRefused(ledger, claimFor(context, { resume: part('c', 4) }))
    },
  },
  {
    name: 'a window that has closed is opened by the next use',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part('c', 1) }))
      await pass(context, 1000)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertLeft(context, 0, { limit: 2 })
    },
  },
  {
    name: 'the next request that counts opens the window anew',
    async run(context) {
      const { ledger } = context
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: whole('c', 4) }))
      await pass(context, 2000)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: whole('c', 4) }))
      await pass(context, 2000)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part('c', 4) }), 'renewed')
      await pass(context, 2000)
      await assertRefused(ledger, claimFor(context, { limit: 2, resume: part('c', 4) }))
    },
  },
  {
    name: 'a release closes the window that nobody joined',
    async run(context) {
      const { ledger } = context
      const opened = claimFor(context, { limit: 2, resume: part() })
      await assertGranted(ledger, opened)
      // Itself again is nobody else.
      await assertGranted(ledger, opened)
      await ledger.release(opened)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'a use stays taken and its window open where another request has joined',
    async run(context) {
      const { ledger } = context
      const opened = claimFor(context, { limit: 2, resume: whole() })
      await assertGranted(ledger, opened)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await ledger.release(opened)
      await assertRefused(ledger, claimFor(context), 'one is taken')
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertLeft(context, 1, { limit: 2 })
      await ledger.release(opened)
      await assertLeft(context, 0, { limit: 2 })
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }), 'still open')
    },
  },
  {
    name: 'a window that is opened anew has been joined by nobody yet',
    async run(context) {
      const { ledger } = context
      const renewing = claimFor(context, { limit: 3, resume: whole() })
      await assertGranted(ledger, claimFor(context, { limit: 3, resume: whole() }))
      await assertGranted(ledger, claimFor(context, { limit: 3, resume: part() }))
      await assertGranted(ledger, renewing)
      await ledger.release(renewing)
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'a use is given back where another claim has opened its window anew, whoever joined that',
    async run(context) {
      const { ledger } = context
      const first = claimFor(context, { limit: 3, resume: whole() })
      await assertGranted(ledger, first)
      await assertGranted(ledger, claimFor(context, { limit: 3, resume: whole() }))
      await assertGranted(ledger, claimFor(context, { limit: 3, resume: part() }))
      await ledger.release(first)
      await assertLeft(context, 2, { limit: 3 })
    },
  },
  {
    name: 'a joined use stays taken where its window has closed',
    async run(context) {
      const { ledger } = context
      const opened = claimFor(context, { resume: whole('c', 1) })
      await assertGranted(ledger, opened)
      await assertGranted(ledger, claimFor(context, { resume: part('c', 1) }))
      await pass(context, 1000)
      await ledger.release(opened)
      await assertLeft(context, 0)
    },
  },
  {
    name: 'a use that nobody joined is given back where its window has closed',
    async run(context) {
      const { ledger } = context
      const opened = claimFor(context, { resume: whole('c', 1) })
      await assertGranted(ledger, opened)
      await pass(context, 1000)
      await ledger.release(opened)
      await assertLeft(context, 1)
    },
  },
  {
    name: 'a joined use stays taken where another claim has opened the window anew',
    async run(context) {
      const { ledger } = context
      const [first, second] = claimsFor(context, 2, { limit: 2, resume: whole() })
      assert.ok(first && second)
      await assertGranted(ledger, first)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertGranted(ledger, second)
      await ledger.release(first)
      await ledger.release(second)
      await assertLeft(context, 1, { limit: 2 })
    },
  },
  {
    name: 'a release of what joined gives nothing back, and leaves the window open',
    async run(context) {
      const { ledger } = context
      const joined = claimFor(context, { resume: part() })
      await assertGranted(ledger, claimFor(context, { resume: whole() }))
      await assertGranted(ledger, joined)
      await ledger.release(joined)
      await ledger.release(joined)
      await assertGranted(ledger, claimFor(context, { resume: part() }))
      await assertLeft(context, 0)
    },
  },
  {
    name: 'a release closes no window that another claim has opened since',
    async run(context) {
      const { ledger } = context
      const first = claimFor(context, { limit: 2, resume: whole() })
      await assertGranted(ledger, first)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: whole() }))
      await ledger.release(first)
      await assertGranted(ledger, claimFor(context, { limit: 2, resume: part() }))
      await assertLeft(context, 1, { limit: 2 })
    },
  },
]
