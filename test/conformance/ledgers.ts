import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryLedger } from '@latchkey/ledgers/memory'
import type { LedgerCaseContext, LedgerClock, LedgerProcess } from '@latchkey/testkit'
import { startProgram } from '../programs/program.js'
import { type OpenedLedger, openLedger } from './open-ledger.js'

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
  sqlite: () => openFile('sqlite'),
}

function caseClock(): LedgerClock {
  let ms = Date.now()
  return {
    now: () => ms,
    advance: (by) => {
      ms += by
    },
  }
}

/** An SQLite file in a folder of its own. */
async function openFile(name: string): Promise<LedgerStore> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-ledger-'))
  const address = join(folder, 'ledger.db')
  const clock = caseClock()
  const opened: OpenedLedger[] = []
  const open = async () => {
    const each = await openLedger(name, address, clock.now)
    opened.push(each)
    return each.ledger
  }
  return {
    context: {
      ledger: await open(),
      another: open,
      clock,
      durable: true,
      startProcess: () => startClaiming(name, address),
    },
    async close() {
      for (const each of opened) await each.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function startClaiming(name: string, address: string): Promise<LedgerProcess> {
  const { ask, kill } = await startProgram('claiming', { name, address })
  return { claim: ask, kill }
}
