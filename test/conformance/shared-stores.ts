import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type LedgerServer, ledgerServers } from './ledger-servers.js'

/**
 * The ledgers that processes share, by the name that `openLedger` knows: each gives addresses of empty stores to the tests
 * of a file or block.
 */
export const sharedStores: Readonly<Record<string, () => () => Promise<string>>> = {
  sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-shared-'))
    let stores = 0
    afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
    return async () => join(folder, `${stores++}.db`)
  },
  redis: () => addresses(ledgerServers.redis()),
  postgres: () => addresses(ledgerServers.postgres()),
}

function addresses({ engine, addressOn }: LedgerServer): () => Promise<string> {
  return () => addressOn(engine().url)
}
