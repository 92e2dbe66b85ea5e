import type { Ledger } from '@latchkey/core'
import { type LedgerCaseContext, type LedgerNeed, ledgerCases, missingLedgerNeeds } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { openLossyProxy } from '../engines/lossy-proxy.js'
import { startProgram } from '../programs/program.js'
import { insistingLedger } from './insisting-ledger.js'
import type { LedgerServer } from './ledger-servers.js'
import { type OpenedLedger, openLedger } from './open-ledger.js'

/** What the cases need that run one by one. */
const APART: readonly LedgerNeed[] = ['engine', 'lossy', 'processes']

/** Opens an empty store for each case. */
type OpenStore = () => Promise<{ readonly context: LedgerCaseContext; close(): Promise<void> }>

/**
 * Runs all cases of ledgers, each over an empty store of a server. Those that kill it, or start processes, run one by one.
 *
 * @param useServer gives the server of a block, and addresses of empty stores in it, as `openLedger` wants them
 */
export function runServerCases(name: string, useServer: () => LedgerServer): void {
  const open = ({ engine, addressOn }: LedgerServer, goes: boolean) => {
    return async () => {
      const address = await addressOn(engine().url)
      const toClose: { close(): Promise<unknown> }[] = []
      const openAt = async (place: string) => {
        const opened: OpenedLedger = await openLedger(name, place)
        toClose.unshift(opened)
        return goes ? opened.ledger : insistingLedger(opened.ledger)
      }
      const context: LedgerCaseContext = {
        ledger: await openAt(address),
        another: () => openAt(address),
        durable: true,
        startProcess: async () => {
          const { ask, kill } = await startProgram('claiming', { name, address, insist: true })
          return { claim: ask, kill }
        },
        async lossy() {
          const proxy = await openLossyProxy(engine())
          toClose.unshift(proxy)
          const ledger = await openAt(address.replace(engine().url, proxy.url))
          await knowScripts(ledger)
          return { ledger, loseNextAnswer: proxy.loseNextAnswer, lost: proxy.lost }
        },
        ...(goes ? { engine: engine() } : {}),
      }
      const close = async () => {
        for (const each of toClose) await each.close()
      }
      return { context, close }
    }
  }

  describe.concurrent(`the ${name} ledger`, { timeout: 60_000 }, () => {
    runCases(open(useServer(), false), (needs) => !needs.some((need) => APART.includes(need)))
  })
  describe(`the ${name} ledger in several processes`, { timeout: 60_000 }, () => {
    runCases(open(useServer(), false), (needs) => needs.includes('processes'))
  })
  describe(`the ${name} ledger, whose server goes`, { timeout: 60_000 }, () => {
    runCases(open(useServer(), true), (needs) => needs.includes('engine') || needs.includes('lossy'))
  })
}

function runCases(openStore: OpenStore, isMeant: (needs: readonly LedgerNeed[]) => boolean): void {
  for (const ledgerCase of ledgerCases) {
    if (!isMeant(ledgerCase.needs ?? [])) continue
    it(ledgerCase.name, async (test) => {
      const { context, close } = await openStore()
      try {
        const missing = missingLedgerNeeds(ledgerCase, context)
        if (missing.length > 0) test.skip(`needs ${missing.join(', ')}`)
        await ledgerCase.run(context)
      } finally {
        await close()
      }
    })
  }
}

/** Redis answers a script that it does not know with that, and has done nothing then: no answer for a case to lose. */
async function knowScripts(ledger: Ledger): Promise<void> {
  const expiresAt = Math.floor(Date.now() / 1000) + 60
  const claim = { id: 'warm', limit: 1, expiresAt, attempt: 'warm' }
  await ledger.claim(claim)
  await ledger.release(claim)
  await ledger.revoke(['warm'], { issuedBy: 1, expiresAt })
}
