import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerCaseContext, LedgerClock, LedgerProcess } from '@latchkey/testkit'
import { type OpenedLedger, openLedger } from './open-ledger.js'

/** An empty SQLite file in a folder of its own, for one case. */
export async function openFileStore(
  name: string,
  startClaiming: (name: string, address: string) => Promise<LedgerProcess>,
): Promise<{ context: LedgerCaseContext; close(): Promise<void> }> {
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

/** A clock that stands still until it is moved. */
export function caseClock(): LedgerClock {
  let ms = Date.now()
  return {
    now: () => ms,
    advance: (by) => {
      ms += by
    },
  }
}
