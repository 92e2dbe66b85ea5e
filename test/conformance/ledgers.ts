import { memoryLedger } from '@latchkey/ledgers/memory'
import type { LedgerCaseContext } from '@latchkey/testkit'

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
    let ms = Date.now()
    const clock = {
      now: () => ms,
      advance: (by: number) => {
        ms += by
      },
    }
    return { context: { ledger: memoryLedger({ now: clock.now }), clock }, close: async () => {} }
  },
}
