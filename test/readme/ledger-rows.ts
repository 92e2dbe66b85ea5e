import { join } from 'node:path'
import Database from 'libsql'
import { expect } from 'vitest'
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

function newFile() {
  const path = join(newFolder(), 'ledger.db')
  return { path, ledger: sqliteLedger({ database: new Database(path) }) }
}

function claimOf(attempt: string) {
  return { id: 'a', limit: 1, attempt, expiresAt: Math.floor(Date.now() / 1000) + 60 }
}
