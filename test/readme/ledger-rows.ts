import { join } from 'node:path'
import Database from 'libsql'
import { expect } from 'vitest'
import { type PostgresPool, postgresLedger } from '../../packages/ledgers/src/postgres/index.js'
import { type NodeRedisClient, redisLedger } from '../../packages/ledgers/src/redis/index.js'
import { sqliteLedger } from '../../packages/ledgers/src/sqlite/index.js'
import { expectInvalid, newFolder } from './exchange.js'
import type { Rows } from './rows.js'

/** Options of `sqliteLedger`. */
export const sqliteLedgerRows: Rows = {
  database: {
    default: 'required',
    async check() {
      const { path, ledger } = newFile()
      expect(await ledger.claim(claimOf('first'))).toBe(true)
      expect(await sqliteLedger({ database: new Database(path) }).claim(claimOf('second'))).toBe(false)
      await expectInvalid(() => sqliteLedger({ database: new Database(':memory:') }))
      await expectInvalid(() => sqliteLedger({} as never))
    },
  },
  busyTimeout: {
    default: '1500',
    async check() {
      const { path, ledger } = newFile()
      new Database(path).exec('BEGIN IMMEDIATE')
      await expect(ledger.claim(claimOf('first'))).rejects.toThrow('for 1500 ms')
      const hasty = sqliteLedger({ database: new Database(newFile().path), busyTimeout: 0 })
      expect(await hasty.claim(claimOf('first'))).toBe(true)
      const { path: another } = newFile()
      for (const busyTimeout of [-1, 60_001]) {
        await expectInvalid(() => sqliteLedger({ database: new Database(another), busyTimeout }))
      }
    },
  },
  now: {
    default: 'Date.now',
    async check() {
      const { path, ledger } = newFile()
      const over = { ...claimOf('first'), expiresAt: Math.floor(Date.now() / 1000) - 60 }
      expect(await ledger.claim(over)).toBe(false)
      expect(await sqliteLedger({ database: new Database(path), now: () => 0 }).claim(over)).toBe(true)
    },
  },
}

/** Options of `redisLedger`. What a server does with them is shown where there is one. */
export const redisLedgerRows: Rows = {
  client: {
    default: 'required',
    async check() {
      const { client } = recordingClient()
      redisLedger({ client })
      redisLedger({ client: { eval: async () => 1, evalsha: async () => 1 } })
      await expectInvalid(
        () => redisLedger({} as never),
        () => redisLedger({ client: { eval: client.eval } as never }),
      )
    },
  },
  prefix: {
    default: 'latchkey',
    async check() {
      const { client, keys } = recordingClient()
      await redisLedger({ client }).claim(claimOf('first'))
      await redisLedger({ client, prefix: 'app-1.a:b/c_' }).claim(claimOf('first'))
      expect(keys.map((key) => key.split('{')[0])).toEqual(['latchkey:', 'app-1.a:b/c_:'])
      redisLedger({ client, prefix: 'a'.repeat(64) })
      for (const prefix of ['', 'a'.repeat(65), '{a}', 'a b']) {
        await expectInvalid(() => redisLedger({ client, prefix }))
      }
    },
  },
}

/** Options of `postgresLedger`. What a server does with them is shown where there is one. */
export const postgresLedgerRows: Rows = {
  pool: {
    default: 'required',
    async check() {
      postgresLedger({ pool: recordingPool().pool })
      await expectInvalid(() => postgresLedger({} as never))
    },
  },
  schema: {
    default: 'public',
    async check() {
      const { pool, statements } = recordingPool()
      await postgresLedger({ pool }).claim(claimOf('first'))
      await postgresLedger({ pool, schema: 's'.repeat(63) }).claim(claimOf('first'))
      expect(statements[0]).toContain('"public"."latchkey_claim"')
      expect(statements[1]).toContain(`"${'s'.repeat(63)}"."latchkey_claim"`)
      for (const schema of ['', 's'.repeat(64), '1s', 'a.b', '"']) {
        await expectInvalid(() => postgresLedger({ pool, schema }))
      }
    },
  },
  prefix: {
    default: 'latchkey_',
    async check() {
      const { pool, statements } = recordingPool()
      await postgresLedger({ pool, prefix: '' }).claim(claimOf('first'))
      await postgresLedger({ pool, prefix: 'p'.repeat(32) }).claim(claimOf('first'))
      expect(statements[0]).toContain('"public"."claim"')
      expect(statements[1]).toContain(`"public"."${'p'.repeat(32)}claim"`)
      for (const prefix of ['p'.repeat(33), '1p', 'p-', '"']) {
        await expectInvalid(() => postgresLedger({ pool, prefix }))
      }
    },
  },
}

/** A client that grants all, and the first key of each script. */
function recordingClient() {
  const keys: string[] = []
  const run: NodeRedisClient['eval'] = async (_script, options) => {
    keys.push(options.keys[0] ?? '')
    return 1
  }
  return { keys, client: { eval: run, evalSha: run } }
}

/** A pool that grants all, and its statements. */
function recordingPool() {
  const statements: string[] = []
  const pool: PostgresPool = {
    async query(text) {
      statements.push(text)
      return { rows: [{ answer: true }] }
    },
  }
  return { statements, pool }
}

function newFile() {
  const path = join(newFolder(), 'ledger.db')
  return { path, ledger: sqliteLedger({ database: new Database(path) }) }
}

function claimOf(attempt: string) {
  return { id: 'a', limit: 1, attempt, expiresAt: Math.floor(Date.now() / 1000) + 60 }
}
