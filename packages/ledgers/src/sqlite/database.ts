/**
 * A connection to an SQLite file, as far as the ledger uses one: a `DatabaseSync` of `node:sqlite`, or a `Database` of
 * `better-sqlite3` or `libsql`.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** A statement of such a connection. */
export interface SqliteStatement {
  /** The first row, or `undefined`. */
  get(...values: (string | number)[]): unknown
  run(...values: (string | number)[]): unknown
}

const BUSY = 5

/** Whether another connection has the lock, so that the same may go well a moment later. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // `better-sqlite3` and `libsql` have a name, `node:sqlite` a number; both may tell the kind of business in addition.
  if ('code' in error && String(error.code).startsWith('SQLITE_BUSY')) return true
  return 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY
}

/** A number out of a row. A connection may be set to read all of them as `bigint`. */
export function numberIn(row: unknown, column: string): number | undefined {
  if (typeof row !== 'object' || row === null || !(column in row)) return undefined
  const value = (row as Record<string, unknown>)[column]
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}
