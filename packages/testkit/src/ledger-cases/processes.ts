import assert from 'node:assert/strict'
import type { DownloadClaim } from '@latchkey/core'
import type { LedgerCase, LedgerCaseContext, LedgerProcess } from '../ledger-case.js'
import { assertGranted, assertLeft, assertRefused, claimFor, claimsFor } from './case-claims.js'

/** Several processes over one store. */
export const processCases: readonly LedgerCase[] = [
  ...(
    [
      [4, 50, 7],
      [4, 1, 7],
      [2, 500, 3],
    ] as const
  ).map(
    ([count, each, limit]): LedgerCase => ({
      name: `of ${each} racing claims of each of ${count} processes on a limit of ${limit}, ${Math.min(count * each, limit)} are granted`,
      needs: ['processes'],
      run: (context) =>
        withProcesses(context, count, async (processes) => {
          const answers = await race(processes, () => claimsFor(context, each, { limit }))
          assert.equal(answers.filter((answer) => answer).length, Math.min(count * each, limit))
          await assertLeft(context, Math.max(0, limit - count * each), { limit })
        }),
    }),
  ),
  {
    name: 'one attempt that several processes make at once takes one use',
    needs: ['processes'],
    run: (context) =>
      withProcesses(context, 3, async (processes) => {
        const claim = claimFor(context, { limit: 2 })
        const answers = await race(processes, () => Array(20).fill(claim))
        assert.deepEqual(new Set(answers), new Set([true]))
        await assertLeft(context, 1, { limit: 2 })
      }),
  },
  {
    name: 'requests of one client share a download, whichever process they reach',
    needs: ['processes'],
    run: (context) =>
      withProcesses(context, 3, async (processes) => {
        const resume = { client: 'c', seconds: 600, joins: true }
        const answers = await race(processes, () => claimsFor(context, 20, { limit: 2, resume }))
        assert.deepEqual(new Set(answers), new Set([true]))
        await assertLeft(context, 1, { limit: 2 })
      }),
  },
  {
    name: 'a kill -9 of one process in the middle of its claims grants none too many',
    needs: ['processes'],
    run: (context) =>
      withProcesses(context, 3, async (processes) => {
        const limit = 150
        const [victim, ...others] = processes
        assert.ok(victim)
        const cut = claimsFor(context, 200, { limit })
        const killed = victim.claim(cut).catch(() => [])
        const answers = race(others, () => claimsFor(context, 200, { limit }))
        await new Promise((resolve) => setTimeout(resolve, 3))
        await victim.kill()
        const early = await killed
        const granted = (await answers).filter((answer) => answer).length
        // What it took without a word is granted to the same attempts, and to nobody else.
        const repeated = await Promise.all(cut.map((claim) => context.ledger.claim(claim)))
        assert.equal(granted + repeated.filter((answer) => answer).length, limit)
        early.forEach((answer, at) => {
          if (answer === true) assert.equal(repeated[at], true)
        })
        await assertRefused(context.ledger, claimFor(context, { limit }))
      }),
  },
  {
    name: 'what a process was granted outlives its kill -9',
    needs: ['processes', 'durable'],
    run: (context) =>
      withProcesses(context, 1, async ([victim]) => {
        assert.ok(victim)
        const [claim, ...others] = claimsFor(context, 3, { limit: 5 })
        assert.ok(claim)
        assert.deepEqual(await victim.claim([claim, ...others]), [true, true, true])
        await victim.kill()
        await assertGranted(context.ledger, claim)
        await assertLeft(context, 2, { limit: 5 })
      }),
  },
]

async function withProcesses(
  context: LedgerCaseContext,
  count: number,
  use: (processes: readonly LedgerProcess[]) => Promise<void>,
): Promise<void> {
  const start = context.startProcess ?? (() => assert.fail('the case needs processes'))
  const started = await Promise.allSettled(Array.from({ length: count }, () => start()))
  const processes = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  try {
    for (const each of started) if (each.status === 'rejected') throw each.reason
    await use(processes)
  } finally {
    await Promise.all(processes.map((each) => each.kill()))
  }
}

/** All claims of all processes at once. None may throw. */
async function race(
  processes: readonly LedgerProcess[],
  claims: () => readonly DownloadClaim[],
): Promise<boolean[]> {
  const answers = await Promise.all(processes.map((each) => each.claim(claims())))
  return answers.flat().map((answer) => answer ?? assert.fail('a claim threw'))
}
