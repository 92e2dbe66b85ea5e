import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LatchkeyError } from '@latchkey/core'
import Database from 'libsql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type SqliteLedgerOptions, sqliteLedger } from '../src/sqlite/index.js'

const NOW = 1_795_280_000_000
const END = 1_795_283_600

let folder: string
let open: Database.Database[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
  open = []
})

afterEach(() => {
  for (const database of open) if (database.open) database.close()
  rmSync(folder, { recursive: true, force: true })
})

function connect(name = 'ledger.db'): Database.Database {
  const database = new Database(name === ':memory:' ? name : join(folder, name))
  open.push(database)
  return database
}

function ledgerAt(more: Partial<SqliteLedgerOptions> = {}) {
  const clock = { now: NOW }
  const database = connect()
  const ledger = sqliteLedger({ database, now: () => clock.now, ...more })
  let attempts = 0
  const claim = (id: string, expiresAt = END, client?: string) =>
    ledger.claim({
      id,
      limit: 1,
      expiresAt,
      attempt: String(attempts++),
      ...(client !== undefined && { resume: { client, seconds: 60, joins: true } }),
    })
  return { clock, database, ledger, claim }
}

function refusalOf(make: () => unknown): string {
  try {
    make()
    return 'none'
  } catch (error) {
    return `${(error as LatchkeyError).code}: ${(error as Error).message}`
  }
}

const rowsIn = (database: Database.Database, table: string): unknown =>
  database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()

test('sets its connection up: WAL, a commit that is on the disk, no wait inside of SQLite', () => {
  const database = connect()
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000')
  sqliteLedger({ database })
  expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
  expect(database.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 })
  expect(database.prepare('PRAGMA busy_timeout').get()).toMatchObject({ timeout: 0 })
})

test('makes its tables once, and leaves those of others alone', async () => {
  connect().exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1); PRAGMA user_version = 7')
  const first = ledgerAt()
  expect(await first.claim('a')).toBe(true)
  const second = ledgerAt()
  expect(await second.ledger.isSpent({ id: 'a', limit: 1, expiresAt: END })).toBe(true)
  expect(second.database.prepare('SELECT version FROM latchkey_schema').all()).toMatchObject([{ version: 1 }])
  expect(second.database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 7 })
  expect(rowsIn(second.database, 'mine')).toMatchObject({ rows: 1 })
})

test.each(['DELETE', 'WAL'])(
  'waits at its start for who has the file locked, in the mode %s',
  async (mode) => {
    connect().exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE mine (a)`)
    // In a process of its own: to wait at the start holds up this one.
    const script = `
    const database = new (require(process.argv[1]))(process.argv[2])
    database.exec('BEGIN EXCLUSIVE; INSERT INTO mine VALUES (1)')
    console.log('locked')
    setTimeout(() => database.exec('COMMIT'), 400)`
    const libsql = createRequire(import.meta.url).resolve('libsql')
    const child = spawn(process.execPath, ['-e', script, libsql, join(folder, 'ledger.db')])
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    const busyTimeout = 0
    expect(() => sqliteLedger({ database: connect(), busyTimeout })).toThrow(/locked|busy/i)
    const { claim } = ledgerAt({ busyTimeout: 10_000 })
    expect(await ended).toEqual([0, null])
    expect(await claim('a')).toBe(true)
  },
)

test('refuses tables that a later version made', () => {
  const { database } = ledgerAt()
  database.exec('INSERT INTO latchkey_schema (version) VALUES (99)')
  expect(refusalOf(() => sqliteLedger({ database: connect() }))).toMatch(/^invalid_option: .*version 99/)
})

test('refuses a database that is no file, and options that are none', () => {
  expect(refusalOf(() => sqliteLedger({ database: connect(':memory:') }))).toMatch(
    /^invalid_option: .*memory/,
  )
  const database = connect()
  for (const bad of [
    { database: undefined },
    { database: 'ledger.db' },
    { database: {} },
    { busyTimeout: -1 },
    { busyTimeout: 1.5 },
    { busyTimeout: 60_001 },
    { busyTimeout: '1s' },
    { now: 5 },
    { bussyTimeout: 5 },
  ]) {
    const options = { database, ...bad } as unknown as SqliteLedgerOptions
    expect(refusalOf(() => sqliteLedger(options))).toMatch(/^invalid_option: sqliteLedger: /)
  }
})

test('what is over goes, a little with each claim', async () => {
  const { clock, database, ledger, claim } = ledgerAt()
  for (let at = 0; at < 100; at++) await claim(`old-${at}`, END, 'c')
  const names = Array.from({ length: 100 }, (_, at) => `old-${at}`)
  await ledger.revoke(names, { issuedBy: 1, expiresAt: END })
  clock.now = END * 1000
  const later = END + 1000
  await claim('new', later, 'c')
  expect(rowsIn(database, 'latchkey_counts')).toMatchObject({ rows: 99 })
  expect(rowsIn(database, 'latchkey_attempts')).toMatchObject({ rows: 99 })
  expect(rowsIn(database, 'latchkey_windows')).toMatchObject({ rows: 99 })
  for (let at = 0; at < 60; at++) await claim(`new-${at}`, later, 'c')
  expect(rowsIn(database, 'latchkey_counts')).toMatchObject({ rows: 61 })
  expect(rowsIn(database, 'latchkey_attempts')).toMatchObject({ rows: 61 })
  expect(rowsIn(database, 'latchkey_windows')).toMatchObject({ rows: 61 })
  await ledger.revoke(
    Array.from({ length: 60 }, (_, at) => `new-${at}`),
    { issuedBy: 1, expiresAt: later },
  )
  expect(rowsIn(database, 'latchkey_revocations')).toMatchObject({ rows: 60 })
})

test('a refused claim writes nothing', async () => {
  const { database, claim } = ledgerAt()
  await claim('a')
  const changes = () => database.prepare('SELECT total_changes() AS changes').get() as { changes: number }
  const { changes: before } = changes()
  for (let times = 0; times < 10; times++) expect(await claim('a')).toBe(false)
  expect(changes().changes).toBe(before)
})

test('a lock that another process keeps is waited for without holding up this one, then is a fault', async () => {
  const { claim, ledger } = ledgerAt({ busyTimeout: 300 })
  const other = connect()
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const ticking = setInterval(() => turns++, 5)
  const began = performance.now()
  const fault = { code: 'ledger_unavailable', message: expect.stringContaining('locked for 300 ms') }
  const claims = Array.from({ length: 5 }, () => expect(claim('a')).rejects.toMatchObject(fault))
  // Who only looks is not in the way of who writes.
  expect(await ledger.isSpent({ id: 'a', limit: 1, expiresAt: END })).toBe(false)
  expect(await ledger.isRevoked(['a'], 1)).toBe(false)
  await Promise.all(claims)
  clearInterval(ticking)
  expect(performance.now() - began).toBeGreaterThan(250)
  expect(performance.now() - began).toBeLessThan(3000)
  expect(turns).toBeGreaterThan(10)
  other.exec('ROLLBACK')
  expect(await claim('a')).toBe(true)
})

test('a lock that is given up in time is no fault', async () => {
  const { claim } = ledgerAt()
  const other = connect()
  other.exec('BEGIN IMMEDIATE')
  const claims = Array.from({ length: 5 }, () => claim('a'))
  await sleep(100)
  other.exec('ROLLBACK')
  expect((await Promise.all(claims)).filter((granted) => granted)).toHaveLength(1)
})

test('a transaction that fails takes nothing, and the next one goes well', async () => {
  const { database, claim } = ledgerAt()
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON latchkey_attempts WHEN NEW.id = 'b'
    BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
  const together = await Promise.allSettled([claim('a'), claim('b')])
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(rowsIn(database, 'latchkey_counts')).toMatchObject({ rows: 0 })
  database.exec('DROP TRIGGER full')
  expect(await Promise.all([claim('a'), claim('b')])).toEqual([true, true])
})

test('a connection that is closed is a fault', async () => {
  const { database, claim, ledger } = ledgerAt()
  expect(await claim('a')).toBe(true)
  database.close()
  await expect(claim('b')).rejects.toThrow()
  // Statements of libsql outlive their connection.
  expect(await ledger.isSpent({ id: 'a', limit: 1, expiresAt: END })).toBe(true)
})

test('numbers may come as bigint', async () => {
  const database = connect()
  database.defaultSafeIntegers(true)
  const ledger = sqliteLedger({ database, now: () => NOW })
  const claim = { id: 'a', limit: 1, expiresAt: END }
  expect(await ledger.claim({ ...claim, attempt: 'first' })).toBe(true)
  expect(await ledger.claim({ ...claim, attempt: 'second' })).toBe(false)
  await ledger.release({ ...claim, attempt: 'first' })
  expect(await ledger.isSpent(claim)).toBe(false)
})
