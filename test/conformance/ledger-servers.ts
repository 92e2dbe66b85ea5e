import { migratePostgresLedger } from '@latchkey/ledgers/postgres'
import pg from 'pg'
import type { Engine } from '../engines/engine.js'
import { usePostgres, useRedis } from '../engines/use-engine.js'

/** A server for the tests of a file or block, and addresses of empty stores in it, for `openLedger`. */
export interface LedgerServer {
  engine(): Engine
  addressOn(url: string): Promise<string>
}

let stores = 0

/**
 * The servers behind ledgers, by the name of the ledger. What they write is handed to the system, but they do not wait for
 * the disk: many cases run at once, and a kill -9 of the server loses nothing of it, though a loss of power would.
 */
export const ledgerServers = {
  redis: redisServer,
  ioredis: redisServer,
  postgres(): LedgerServer {
    const engine = usePostgres({ settings: ['fsync=off'] })
    return {
      engine,
      async addressOn(url) {
        const prefix = `store_${stores++}_`
        const pool = new pg.Pool({ connectionString: url })
        try {
          await migratePostgresLedger(pool, { prefix })
        } finally {
          await pool.end()
        }
        return `${url}#${prefix}`
      },
    }
  },
} satisfies Record<string, () => LedgerServer>

function redisServer(): LedgerServer {
  const engine = useRedis({ settings: ['--appendfsync', 'no'] })
  return { engine, addressOn: async (url) => `${url}#store-${stores++}` }
}
