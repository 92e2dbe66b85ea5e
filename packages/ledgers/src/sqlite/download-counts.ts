import type { DownloadClaim, Ledger } from '@latchkey/core'
import { isCountable } from '../countable.js'
import { numberIn, type SqliteDatabase } from './database.js'
import type { Transactions } from './transactions.js'

const ATTEMPT_KEPT_MS = 5 * 60_000

/** How many downloads were taken. Every change is inside of a transaction, so that nothing comes between its steps. */
export function downloadCounts(
  database: SqliteDatabase,
  transactions: Transactions,
  now: () => number,
): Pick<Ledger, 'claim' | 'release' | 'isSpent'> {
  const findAttempt = database.prepare(
    'SELECT took FROM latchkey_attempts WHERE id = ? AND attempt = ? AND expires_at > ?',
  )
  const keepAttempt = database.prepare(
    'INSERT OR REPLACE INTO latchkey_attempts (id, attempt, took, expires_at) VALUES (?, ?, ?, ?)',
  )
  const dropAttempt = database.prepare('DELETE FROM latchkey_attempts WHERE id = ? AND attempt = ?')
  const findWindow = database.prepare(
    'SELECT 1 FROM latchkey_windows WHERE id = ? AND client = ? AND expires_at > ?',
  )
  // Whoever opened it cannot give its use back any more, also when the window is no longer there.
  const settleOpener = database.prepare(
    `UPDATE latchkey_attempts SET took = 0 WHERE id = ? AND attempt =
       (SELECT opened_by FROM latchkey_windows WHERE id = ? AND client = ?)`,
  )
  const openWindow = database.prepare(
    `INSERT OR REPLACE INTO latchkey_windows (id, client, opened_by, expires_at) VALUES (?, ?, ?, ?)`,
  )
  const closeWindow = database.prepare(
    'DELETE FROM latchkey_windows WHERE id = ? AND client = ? AND opened_by = ?',
  )
  const findCount = database.prepare('SELECT used FROM latchkey_counts WHERE id = ? AND expires_at > ?')
  // Two callers that differ: the longer memory is the safe one.
  const keepLonger = database.prepare(
    'UPDATE latchkey_counts SET expires_at = ? WHERE id = ? AND expires_at > ? AND expires_at < ?',
  )
  const setCount = database.prepare(
    `INSERT INTO latchkey_counts (id, used, expires_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET
       used = excluded.used, expires_at = max(expires_at, excluded.expires_at)`,
  )
  const giveBack = database.prepare('UPDATE latchkey_counts SET used = used - 1 WHERE id = ? AND used > 0')
  const spent = database.prepare(
    `SELECT EXISTS (SELECT 1 FROM latchkey_windows WHERE id = ? AND client = ? AND expires_at > ?) AS shared,
       (SELECT used FROM latchkey_counts WHERE id = ? AND expires_at > ?) AS used`,
  )
  const forgetSome = [
    database.prepare(pruning('latchkey_counts', 'id')),
    database.prepare(pruning('latchkey_attempts', 'id, attempt')),
    database.prepare(pruning('latchkey_windows', 'id, client')),
  ] as const

  return {
    async claim(claim) {
      return isCountable(claim) && transactions.change(() => take(claim))
    },
    async release(claim) {
      await transactions.change(() => put(claim))
    },
    async isSpent(claim) {
      if (!isCountable(claim)) return true
      const { id, limit, expiresAt, resume } = claim
      return transactions.read(() => {
        const ms = now()
        const row = spent.get(id, resume?.client ?? '', ms, id, ms / 1000)
        if (resume?.joins === true && numberIn(row, 'shared') === 1) return false
        return ms >= expiresAt * 1000 || (numberIn(row, 'used') ?? 0) >= limit
      })
    },
  }

  function take({ id, limit, expiresAt, attempt, resume }: DownloadClaim): boolean {
    const ms = now()
    if (findAttempt.get(id, attempt, ms) !== undefined) return true
    keepLonger.run(expiresAt, id, ms / 1000, expiresAt)
    const joins = resume?.joins === true && findWindow.get(id, resume.client, ms) !== undefined
    if (joins) settleOpener.run(id, id, resume.client)
    else {
      const used = numberIn(findCount.get(id, ms / 1000), 'used') ?? 0
      if (used >= limit || ms >= expiresAt * 1000) return false
      setCount.run(id, used + 1, expiresAt)
      if (resume !== undefined) openWindow.run(id, resume.client, attempt, ms + resume.seconds * 1000)
    }
    keepAttempt.run(id, attempt, joins ? 0 : 1, ms + ATTEMPT_KEPT_MS)
    const [counts, ...others] = forgetSome
    counts.run(ms / 1000)
    for (const each of others) each.run(ms)
    return true
  }

  function put({ id, attempt, resume }: DownloadClaim): void {
    const ms = now()
    const took = numberIn(findAttempt.get(id, attempt, ms), 'took')
    if (took === undefined) return
    dropAttempt.run(id, attempt)
    if (took === 0) return
    if (resume !== undefined) closeWindow.run(id, resume.client, attempt)
    giveBack.run(id)
  }
}

/** Two for each that is added, so that what is over goes, and no claim takes long. */
export function pruning(table: string, key: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE expires_at <= ? LIMIT 2)`
}
