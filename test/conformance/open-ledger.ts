import type { Ledger } from '@latchkey/core'
import { memoryLedger } from '@latchkey/ledgers/memory'
import { postgresLedger } from '@latchkey/ledgers/postgres'
import { redisLedger } from '@latchkey/ledgers/redis'
import { type SqliteDatabase, sqliteLedger } from '@latchkey/ledgers/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createClient } from 'redis'

/** A ledger over a store that others may have open too. */
export interface OpenedLedger {
  readonly ledger: Ledger
  close(): Promise<void>
}

/** How a ledger is opened by its address, in any process. */
type Open = (address: string, now?: () => number) => Promise<OpenedLedger>

type Connection = SqliteDatabase & { close(): unknown }

/** An address is the path of a file. */
const sqlite =
  (connect: (path: string) => Promise<Connection>): Open =>
  async (path, now = Date.now) => {
    const database = await connect(path)
    return {
      ledger: sqliteLedger({ database, now }),
      async close() {
        database.close()
      },
    }
  }

/** An address is the URL of the server, and after a `#` the prefix of the store in it. */
const postgres: Open = async (address) => {
  const [connectionString, prefix = ''] = address.split('#')
  const pool = new pg.Pool({
    connectionString,
    max: 5,
    connectionTimeoutMillis: 2000,
    statement_timeout: 2000,
  })
  pool.on('error', () => {})
  return { ledger: postgresLedger({ pool, prefix }), close: () => pool.end() }
}

const redis: Open = async (address) => {
  const [url = '', prefix = ''] = address.split('#')
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return { ledger: redisLedger({ client, prefix }), close: async () => client.destroy() }
}

const ioredis: Open = async (address) => {
  const [url = '', prefix = ''] = address.split('#')
  const client = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 1 })
  client.on('error', () => {})
  await client.connect()
  return { ledger: redisLedger({ client, prefix }), close: async () => client.disconnect() }
}

const OPEN: Readonly<Record<string, Open>> = {
  postgres,
  redis,
  ioredis,
  memory: async (_address, now = Date.now) => ({ ledger: memoryLedger({ now }), close: async () => {} }),
  sqlite: sqlite(async (path) => new (await import('libsql')).default(path)),
  'better-sqlite3': sqlite(async (path) => new (await import('better-sqlite3')).default(path)),
  'node:sqlite': sqlite(async (path) => {
    // Node 20 has none, and its types know of none.
    const module: unknown = process.getBuiltinModule('node:sqlite')
    const { DatabaseSync } = module as { DatabaseSync: new (path: string) => Connection }
    return new DatabaseSync(path)
  }),
}

/** Opens a ledger by name. The store must be there: a running server, a folder that exists. */
export async function openLedger(name: string, address: string, now?: () => number): Promise<OpenedLedger> {
  const open = OPEN[name]
  if (open === undefined) throw new Error(`there is no ledger ${name}`)
  return open(address, now)
}
