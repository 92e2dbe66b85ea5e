import { LatchkeyError } from '@latchkey/core'
import { isBusy, numberIn, type SqliteDatabase } from './database.js'

/** Steps from one version of the tables to the next. One that has been released never changes. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE latchkey_counts (
     id TEXT PRIMARY KEY,
     used INTEGER NOT NULL,
     expires_at INTEGER NOT NULL -- Unix seconds
   ) WITHOUT ROWID;
   CREATE INDEX latchkey_counts_over ON latchkey_counts (expires_at);
   CREATE TABLE latchkey_attempts (
     id TEXT NOT NULL,
     attempt TEXT NOT NULL,
     took INTEGER NOT NULL, -- 0 where it joined a window, or another attempt joined its own
     expires_at INTEGER NOT NULL, -- Unix milliseconds
     PRIMARY KEY (id, attempt)
   ) WITHOUT ROWID;
   CREATE INDEX latchkey_attempts_over ON latchkey_attempts (expires_at);
   CREATE TABLE latchkey_windows (
     id TEXT NOT NULL,
     client TEXT NOT NULL,
     opened_by TEXT NOT NULL,
     expires_at INTEGER NOT NULL, -- Unix milliseconds
     PRIMARY KEY (id, client)
   ) WITHOUT ROWID;
   CREATE INDEX latchkey_windows_over ON latchkey_windows (expires_at);
   CREATE TABLE latchkey_revocations (
     name TEXT PRIMARY KEY,
     issued_by INTEGER NOT NULL, -- Unix seconds
     expires_at INTEGER NOT NULL -- Unix seconds
   ) WITHOUT ROWID;
   CREATE INDEX latchkey_revocations_over ON latchkey_revocations (expires_at);`,
]

/**
 * Sets the connection up and brings the tables to the version that this code knows. Waits, while another process does the
 * same; nothing is served yet.
 *
 * @throws LatchkeyError `invalid_option` where the database cannot be a ledger
 */
export function prepareDatabase(database: SqliteDatabase, patienceMs: number): void {
  const deadline = Date.now() + patienceMs
  patiently(() => requireWal(database), deadline)
  // No wait inside of SQLite: it would hold up the whole process.
  database.exec('PRAGMA busy_timeout = 0')
  // A commit is on the disk when it is answered, so that no use comes back after a loss of power.
  database.exec('PRAGMA synchronous = FULL')
  patiently(() => migrate(database), deadline)
}

function requireWal(database: SqliteDatabase): void {
  const row = database.prepare('PRAGMA journal_mode = WAL').get()
  const mode = row instanceof Object || typeof row === 'object' ? Object.values(row ?? {})[0] : undefined
  if (mode === 'wal') return
  throw new LatchkeyError(
    'invalid_option',
    `sqliteLedger needs a file on a local disk, in WAL mode; this database stays in the mode "${mode}"`,
  )
}

function migrate(database: SqliteDatabase): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS latchkey_schema (version INTEGER NOT NULL)')
    const row = database.prepare('SELECT max(version) AS version FROM latchkey_schema').get()
    const version = numberIn(row, 'version') ?? 0
    if (version > MIGRATIONS.length) {
      throw new LatchkeyError(
        'invalid_option',
        `the tables are of version ${version}, which a later @latchkey/ledgers made; this one knows ${MIGRATIONS.length}`,
      )
    }
    for (let step = version; step < MIGRATIONS.length; step++) {
      database.exec(MIGRATIONS[step] ?? '')
      database.prepare('INSERT INTO latchkey_schema (version) VALUES (?)').run(step + 1)
    }
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** Ends a transaction that failed. SQLite may have ended it by itself, as where the disk is full. */
export function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {}
}

/** The switch to WAL does not wait for its lock by itself, whatever `busy_timeout` says. */
function patiently(step: () => void, deadline: number): void {
  for (;;) {
    try {
      step()
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() >= deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
