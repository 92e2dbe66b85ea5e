import { LatchkeyError, type Ledger } from '@latchkey/core'
import type { SqliteDatabase } from './database.js'
import { downloadCounts } from './download-counts.js'
import { revocations } from './revocations.js'
import { prepareDatabase } from './schema.js'
import { Transactions } from './transactions.js'

export type { SqliteDatabase, SqliteStatement } from './database.js'

/** Below what a request has for its ledger, so that the fault which is told is that of the file. */
const DEFAULT_BUSY_TIMEOUT_MS = 1500
const LONGEST_BUSY_TIMEOUT_MS = 60_000

/** Options of a ledger in an SQLite file. */
export interface SqliteLedgerOptions {
  /**
   * A connection to the file, for the ledger alone: a `DatabaseSync` of `node:sqlite` (Node 22.13 or later), or a
   * `Database` of `better-sqlite3` or `libsql`. Yours to close.
   */
  readonly database: SqliteDatabase
  /** Milliseconds to wait while another process has the file locked; default 1500, 0 to 60 000. */
  readonly busyTimeout?: number
  /** The time in milliseconds; default `Date.now`. For tests. */
  readonly now?: () => number
}

/**
 * A ledger in a file: counts and revocations outlive a kill -9 and a loss of power, and are shared by all processes of one
 * machine that open the file. Not for files on a network: SQLite's locks do not hold there.
 *
 * Calls of SQLite block the process while they run. That is some microseconds for a look, and for a change the time that
 * the disk needs to confirm a write; changes that are asked for at once share that. Waiting for another process blocks
 * nothing.
 *
 * It sets the connection to WAL mode, `synchronous = FULL` and `busy_timeout = 0`, and makes its tables (`latchkey_…`)
 * where they are missing. What is over is removed, a few rows with each claim.
 *
 * @throws LatchkeyError `invalid_option` where an option is out of its bounds, the database is no file, or its tables are of
 * a later version; what the driver throws where the file cannot be written
 */
export function sqliteLedger(options: SqliteLedgerOptions): Ledger {
  const { database, busyTimeout = DEFAULT_BUSY_TIMEOUT_MS, now = Date.now } = checked(options)
  prepareDatabase(database, busyTimeout)
  const transactions = new Transactions(database, busyTimeout)
  return { ...downloadCounts(database, transactions, now), ...revocations(database, transactions, now) }
}

const KNOWN = ['database', 'busyTimeout', 'now']

function checked(options: SqliteLedgerOptions): SqliteLedgerOptions {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) throw invalid(`there is no option ${unknown}`)
  const { database, busyTimeout = 0, now } = options
  if (typeof database?.exec !== 'function' || typeof database.prepare !== 'function') {
    throw invalid('database must be a DatabaseSync of node:sqlite, or a Database of better-sqlite3 or libsql')
  }
  if (!Number.isInteger(busyTimeout) || busyTimeout < 0 || busyTimeout > LONGEST_BUSY_TIMEOUT_MS) {
    throw invalid(`busyTimeout must be 0 to ${LONGEST_BUSY_TIMEOUT_MS} milliseconds`)
  }
  if (now !== undefined && typeof now !== 'function') throw invalid('now must be a function')
  return options
}

function invalid(text: string): LatchkeyError {
  return new LatchkeyError('invalid_option', `sqliteLedger: ${text}`)
}
