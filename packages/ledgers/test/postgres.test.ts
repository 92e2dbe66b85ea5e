import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { usePostgres } from '../../../test/engines/use-engine.js'
import { migratePostgresLedger, postgresLedger, postgresLedgerMigration } from '../src/postgres/index.js'
import { claimFor } from './claims.js'

const postgres = usePostgres({ settings: ['fsync=off'] })
let pool: pg.Pool

beforeAll(() => {
  pool = new pg.Pool({ connectionString: postgres().url })
})
afterAll(() => pool?.end())

/** How many rows each table has. */
async function rowsOf(prefix: string): Promise<Record<string, number>> {
  const tables = ['counts', 'attempts', 'windows', 'revocations']
  const counted = tables.map(async (table) => {
    const { rows } = await pool.query(`SELECT count(*) AS n FROM ${prefix}${table}`)
    return [table, Number(rows[0].n)]
  })
  return Object.fromEntries(await Promise.all(counted))
}

/** Moves the ledger's time ahead. */
async function moveTime(prefix: string, ms: number): Promise<void> {
  await pool.query(`CREATE OR REPLACE FUNCTION ${prefix}now() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + ${ms} $$`)
}

describe('the migration', () => {
  test('may be run by several processes at once, and again; it keeps what is there', async () => {
    const place = { prefix: 'again_' }
    await Promise.all(Array.from({ length: 8 }, () => migratePostgresLedger(pool, place)))
    const ledger = postgresLedger({ pool, ...place })
    expect(await ledger.claim(claimFor())).toBe(true)
    await migratePostgresLedger(pool, place)
    expect(await ledger.claim(claimFor())).toBe(false)
  })

  test('is a text for a migration of the app, also inside its transaction', async () => {
    const client = await pool.connect()
    onTestFinished(() => client.release())
    await client.query('BEGIN')
    await client.query(postgresLedgerMigration({ prefix: 'text_' }))
    await client.query('ROLLBACK')
    await expect(rowsOf('text_')).rejects.toThrow('does not exist')
    await client.query('BEGIN')
    await client.query(postgresLedgerMigration({ prefix: 'text_' }))
    await client.query('COMMIT')
    expect(await postgresLedger({ pool, prefix: 'text_' }).claim(claimFor())).toBe(true)
  })

  test('goes into a schema of any allowed name, whatever the search path is', async () => {
    const place = { schema: 'Select', prefix: 'User_' }
    await pool.query('CREATE SCHEMA "Select"')
    const elsewhere = new pg.Pool({ connectionString: postgres().url, options: '-c search_path=nowhere' })
    onTestFinished(() => elsewhere.end())
    await migratePostgresLedger(elsewhere, place)
    const ledger = postgresLedger({ pool: elsewhere, ...place })
    const claim = claimFor({ resume: { client: 'c', seconds: 60, joins: true } })
    expect(await ledger.claim(claim)).toBe(true)
    expect(await ledger.isSpent(claimFor())).toBe(true)
    await ledger.release(claim)
    await ledger.revoke(['a'], { issuedBy: 5, expiresAt: claim.expiresAt })
    expect(await ledger.isRevoked(['a'], 5)).toBe(true)
  })

  test('a ledger without it says to run it', async () => {
    const ledger = postgresLedger({ pool, prefix: 'absent_' })
    const claim = claimFor()
    const questions = [
      () => ledger.claim(claim),
      () => ledger.release(claim),
      () => ledger.isSpent(claim),
      () => ledger.revoke(['a'], { issuedBy: 1, expiresAt: claim.expiresAt }),
      () => ledger.isRevoked(['a'], 1),
    ]
    for (const question of questions)
      await expect(question()).rejects.toThrow('run migratePostgresLedger(pool)')
    await expect(postgresLedger({ pool, schema: 'absent' }).claim(claim)).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringContaining('run migratePostgresLedger(pool)'),
    })
  })

  test('the ledger needs no more than to read and write its tables', async () => {
    await migratePostgresLedger(pool, { prefix: 'least_' })
    await pool.query('CREATE ROLE least LOGIN')
    const least = new pg.Pool({ connectionString: postgres().url.replace('postgres@', 'least@') })
    onTestFinished(() => least.end())
    const ledger = postgresLedger({ pool: least, prefix: 'least_' })
    await expect(ledger.claim(claimFor())).rejects.toThrow('its user needs to read and write the tables')
    for (const table of ['counts', 'attempts', 'windows', 'revocations']) {
      await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON least_${table} TO least`)
    }
    const claim = claimFor({ resume: { client: 'c', seconds: 60, joins: true } })
    expect(await ledger.claim(claim)).toBe(true)
    await ledger.release(claim)
    await ledger.revoke(['a'], { issuedBy: 5, expiresAt: claim.expiresAt })
    expect(await ledger.isRevoked(['a'], 5)).toBe(true)
  })

  test.each([
    { schema: '' },
    { schema: 'a"; DROP TABLE b; --' },
    { schema: 'a.b' },
    { schema: '1a' },
    { schema: 'x'.repeat(64) },
    { prefix: 'a-b' },
    { prefix: '"' },
    { prefix: 'x'.repeat(33) },
  ])('refuses a place that is no plain name: %o', (place) => {
    const invalid = expect.objectContaining({ code: 'invalid_option' })
    expect(() => postgresLedger({ pool, ...place })).toThrow(invalid)
    expect(() => postgresLedgerMigration(place)).toThrow(invalid)
  })
})

describe('time', () => {
  test('an attempt is remembered for five minutes', async () => {
    await migratePostgresLedger(pool, { prefix: 'five_' })
    const ledger = postgresLedger({ pool, prefix: 'five_' })
    const took = claimFor({ id: 'took' })
    const resume = { client: 'c', seconds: 200, joins: true }
    const joined = claimFor({ id: 'joined', resume })
    expect(await ledger.claim(took)).toBe(true)
    expect(await ledger.claim(claimFor({ id: 'joined', resume }))).toBe(true)
    expect(await ledger.claim(joined)).toBe(true)
    await moveTime('five_', 299_000)
    expect(await ledger.claim(took)).toBe(true)
    expect(await ledger.claim(joined)).toBe(true)
    await moveTime('five_', 301_000)
    await ledger.release(took)
    expect(await ledger.claim(claimFor({ id: 'took' }))).toBe(false)
    expect(await ledger.claim(joined)).toBe(false)
  })

  test('where claims differ in the end of an id, the count is kept to the latest one', async () => {
    await migratePostgresLedger(pool, { prefix: 'ends_' })
    const ledger = postgresLedger({ pool, prefix: 'ends_' })
    const { expiresAt: soon } = claimFor()
    const late = soon + 3600
    for (const [id, ...ends] of [['a', soon, late] as const, ['b', late, soon] as const]) {
      for (const expiresAt of ends) await ledger.claim(claimFor({ id, limit: 2, expiresAt }))
    }
    // One that is refused knows of the later end, too.
    await ledger.claim(claimFor({ id: 'c', expiresAt: soon }))
    await ledger.claim(claimFor({ id: 'c', expiresAt: late }))
    await moveTime('ends_', 3_700_000)
    for (let at = 0; at < 5; at++) await ledger.claim(claimFor({ id: `other-${at}`, expiresAt: late }))
    for (const [id, limit] of [['a', 2] as const, ['b', 2] as const, ['c', 1] as const]) {
      expect([id, await ledger.claim(claimFor({ id, limit, expiresAt: late }))]).toEqual([id, false])
    }
  })

  test('a release after the end of its id gives back nothing that it did not take', async () => {
    await migratePostgresLedger(pool, { prefix: 'after_' })
    const ledger = postgresLedger({ pool, prefix: 'after_' })
    const soon = Math.floor(Date.now() / 1000) + 60
    const first = claimFor({ expiresAt: soon })
    await ledger.claim(first)
    await moveTime('after_', 61_000)
    await ledger.claim(claimFor({ id: 'other' }))
    expect((await rowsOf('after_')).counts).toBe(1)
    expect(await ledger.claim(claimFor({ expiresAt: soon }))).toBe(false)
    await ledger.release(first)
    expect(await ledger.claim(claimFor())).toBe(true)
    expect(await ledger.claim(claimFor())).toBe(false)
  })

  test('what is over is deleted, a little with each claim and revocation', async () => {
    await migratePostgresLedger(pool, { prefix: 'prune_' })
    const ledger = postgresLedger({ pool, prefix: 'prune_' })
    const resume = { client: 'c', seconds: 60, joins: false }
    const names = Array.from({ length: 30 }, (_, at) => `old-${at}`)
    for (const id of names) await ledger.claim(claimFor({ id, resume }))
    await ledger.revoke(names, { issuedBy: 1, expiresAt: claimFor().expiresAt })
    expect(await rowsOf('prune_')).toEqual({ counts: 30, attempts: 30, windows: 30, revocations: 30 })
    await moveTime('prune_', 4_000_000)
    expect(await ledger.isRevoked(names, 1)).toBe(false)
    const expiresAt = claimFor().expiresAt + 4000
    for (let at = 0; at < 20; at++) await ledger.claim(claimFor({ id: `new-${at}`, resume, expiresAt }))
    await ledger.revoke(['new'], { issuedBy: 1, expiresAt })
    for (let at = 0; at < 8; at++) await ledger.revoke(['new'], { issuedBy: 1, expiresAt })
    expect(await rowsOf('prune_')).toEqual({ counts: 20, attempts: 20, windows: 20, revocations: 1 })
  })

  test('a revocation may be for good', async () => {
    await migratePostgresLedger(pool, { prefix: 'good_' })
    const ledger = postgresLedger({ pool, prefix: 'good_' })
    const all = Number.MAX_SAFE_INTEGER
    await ledger.revoke(['a'], { issuedBy: 5, expiresAt: all })
    await ledger.revoke(['a'], { issuedBy: all, expiresAt: 1 })
    expect(await ledger.isRevoked(['a'], all)).toBe(true)
    await expect(ledger.isRevoked(['a'], Number.NaN)).rejects.toMatchObject({ code: 'invalid_option' })
  })

  test('a revocation that is over does not come back with the next one', async () => {
    await migratePostgresLedger(pool, { prefix: 'over_' })
    const ledger = postgresLedger({ pool, prefix: 'over_' })
    const { expiresAt } = claimFor()
    await ledger.revoke(['a', 'b'], { issuedBy: Number.MAX_SAFE_INTEGER, expiresAt })
    await moveTime('over_', 4_000_000)
    await ledger.revoke(['a'], { issuedBy: 5, expiresAt: expiresAt + 4000 })
    expect(await ledger.isRevoked(['a'], 5)).toBe(true)
    expect(await ledger.isRevoked(['a', 'b'], 6)).toBe(false)
  })
})

test('a release waits for a request that is just joining its window', async () => {
  await migratePostgresLedger(pool, { prefix: 'join_' })
  const ledger = postgresLedger({ pool, prefix: 'join_' })
  const resume = { client: 'c', seconds: 60, joins: true }
  const opened = claimFor({ resume })
  await ledger.claim(opened)
  const client = await pool.connect()
  onTestFinished(() => client.release())
  // It has begun its claim, and the release comes in between.
  await client.query("BEGIN; SELECT FROM join_counts WHERE id = 'a' FOR UPDATE")
  const released = ledger.release(opened)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const joining = ['a', 1, opened.expiresAt * 1000, 'joining', 'c', 60_000, true]
  const { rows } = await client.query('SELECT join_claim($1, $2, $3, $4, $5, $6, $7) AS granted', joining)
  expect(rows).toEqual([{ granted: true }])
  await client.query('COMMIT')
  await released
  expect(await ledger.claim(claimFor())).toBe(false)
  expect(await ledger.claim(claimFor({ resume }))).toBe(true)
})

test('revocations of the same names in different orders do not wait for each other in a circle', async () => {
  await migratePostgresLedger(pool, { prefix: 'circle_' })
  const ledger = postgresLedger({ pool, prefix: 'circle_' })
  const names = Array.from({ length: 300 }, (_, at) => `name-${at}`)
  const { expiresAt } = claimFor()
  const orders = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? names : [...names].reverse()))
  await Promise.all(orders.map((order) => ledger.revoke(order, { issuedBy: 5, expiresAt })))
  expect(await ledger.isRevoked(['name-299'], 5)).toBe(true)
})

test('where the database is stricter than READ COMMITTED, no use is had too often', async () => {
  await migratePostgresLedger(pool, { prefix: 'strict_' })
  for (const isolation of ['repeatable read', 'serializable']) {
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
    const strict = new pg.Pool({ connectionString: postgres().url, options })
    onTestFinished(() => strict.end())
    const ledger = postgresLedger({ pool: strict, prefix: 'strict_' })
    const claims = Array.from({ length: 100 }, () => claimFor({ id: isolation, limit: 5 }))
    const answers = await Promise.all(claims.map((claim) => ledger.claim(claim).catch(() => undefined)))
    const granted = answers.filter((answer) => answer === true).length
    expect(granted).toBeGreaterThan(0)
    expect(granted).toBeLessThanOrEqual(5)
    // With the claims one after the other, so that none fails, the rest is had.
    for (let left = granted; left < 5; left++)
      expect(await ledger.claim(claimFor({ id: isolation, limit: 5 }))).toBe(true)
    expect(await ledger.claim(claimFor({ id: isolation, limit: 5 }))).toBe(false)
  }
})

test('a claim of a URL that is used up writes nothing', async () => {
  await migratePostgresLedger(pool, { prefix: 'spent_' })
  const ledger = postgresLedger({ pool, prefix: 'spent_' })
  const { expiresAt } = claimFor()
  await ledger.claim(claimFor({ expiresAt }))
  const versions = async () => (await pool.query('SELECT xmin, xmax, ctid FROM spent_counts')).rows
  const before = await versions()
  for (let times = 0; times < 10; times++) expect(await ledger.claim(claimFor({ expiresAt }))).toBe(false)
  expect(await versions()).toEqual(before)
})
