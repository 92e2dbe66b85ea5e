import type { Ledger } from '@latchkey/core'
import type { SqliteDatabase } from './database.js'
import { pruning } from './download-counts.js'
import type { Transactions } from './transactions.js'

/** What was revoked, by name. */
export function revocations(
  database: SqliteDatabase,
  transactions: Transactions,
  now: () => number,
): Pick<Ledger, 'revoke' | 'isRevoked'> {
  const add = database.prepare(
    `INSERT INTO latchkey_revocations (name, issued_by, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET
       issued_by = max(issued_by, excluded.issued_by), expires_at = max(expires_at, excluded.expires_at)`,
  )
  const find = database.prepare(
    'SELECT 1 FROM latchkey_revocations WHERE name = ? AND issued_by >= ? AND expires_at > ?',
  )
  const forgetSome = database.prepare(pruning('latchkey_revocations', 'name'))

  return {
    async revoke(names, { issuedBy, expiresAt }) {
      await transactions.change(() => {
        for (const name of names) {
          add.run(name, issuedBy, expiresAt)
          forgetSome.run(now() / 1000)
        }
      })
    },
    async isRevoked(names, issuedAt) {
      // One look for each: SQLite's lists of texts, in JSON, end at a character U+0000.
      return transactions.read(() => {
        const seconds = now() / 1000
        return names.some((name) => find.get(name, issuedAt, seconds) !== undefined)
      })
    },
  }
}
