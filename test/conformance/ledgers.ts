import { memoryLedger } from '@latchkey/ledgers/memory'
import type { LedgerCaseContext, LedgerProcess } from '@latchkey/testkit'
import { startProgram } from '../programs/program.js'
import { caseClock, openFileStore } from './file-store.js'

/** An empty store, and what its ledger can show of itself. */
interface LedgerStore {
  readonly context: LedgerCaseContext
  close(): Promise<void>
}

/** Opens a store of its own for each case. */
export type OpenLedgerStore = () => Promise<LedgerStore>

/** The ledgers that the cases run over, by name. */
export const ledgers: Readonly<Record<string, OpenLedgerStore>> = {
  async memory() {
    const clock = caseClock()
    return { context: { ledger: memoryLedger({ now: clock.now }), clock }, close: async () => {} }
  },
  sqlite: () => openFileStore('sqlite', startClaiming),
}

async function startClaiming(name: string, address: string): Promise<LedgerProcess> {
  const { ask, kill } = await startProgram('claiming', { name, address })
  return { claim: ask, kill }
}
