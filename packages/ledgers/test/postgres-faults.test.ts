import pg from 'pg'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { usePostgres } from '../../../test/engines/use-engine.js'
import { migratePostgresLedger, postgresLedger } from '../src/postgres/index.js'
import { claimFor, persist } from './claims.js'

const postgres = usePostgres()

beforeAll(async () => {
  const pool = new pg.Pool({ connectionString: postgres().url })
  await migratePostgresLedger(pool)
  await pool.end()
})

/** A pool with the options that the README has; closed when the test is over. */
function openPool(options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: postgres().url,
    connectionTimeoutMillis: 2000,
    statement_timeout: 2000,
    ...options,
  })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  return pool
}

async function countOf(pool: pg.Pool, id: string): Promise<number> {
  const { rows } = await pool.query('SELECT used FROM latchkey_counts WHERE id = $1', [id])
  return Number(rows[0]?.used)
}

test('a kill -9 in mid-claims loses no use that was granted, and counts none twice', async () => {
  const pool = openPool()
  const ledger = postgresLedger({ pool })
  const claims = Array.from({ length: 400 }, () => claimFor({ id: 'kill', limit: 300 }))
  const granted: string[] = []
  const all = Promise.all(
    claims.map(async (claim, at) => {
      await new Promise((resolve) => setTimeout(resolve, at))
      if (await persist(ledger, claim)) granted.push(claim.attempt)
    }),
  )
  for (let times = 0; times < 2; times++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    await postgres().kill()
    await postgres().restart()
  }
  await all
  expect(granted).toHaveLength(300)
  expect(await countOf(pool, 'kill')).toBe(300)
})

test('where PostgreSQL is down, every question is refused at once, and answered when it is back', async () => {
  const ledger = postgresLedger({ pool: openPool() })
  const claim = claimFor({ id: 'down' })
  await ledger.claim(claim)
  await postgres().kill()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const began = Date.now()
  const questions = [
    () => ledger.claim(claim),
    () => ledger.release(claim),
    () => ledger.isSpent(claim),
    () => ledger.revoke(['a'], { issuedBy: 1, expiresAt: claim.expiresAt }),
    () => ledger.isRevoked(['a'], 1),
  ]
  for (const question of questions) {
    await expect(question()).rejects.toMatchObject({ name: 'LatchkeyError', code: 'ledger_unavailable' })
  }
  expect(Date.now() - began).toBeLessThan(1500)
  await postgres().restart()
  expect(await persist(ledger, { ...claim, attempt: 'another' })).toBe(false)
})

test('where PostgreSQL hangs, claims are refused after two seconds; what they took then is given back', async () => {
  // Without a timeout of the server, so that it does what it was asked when it wakes.
  const pool = openPool({ statement_timeout: undefined, max: 3 })
  const ledger = postgresLedger({ pool })
  await Promise.all(claimsOf(3, 'warm').map((claim) => ledger.claim(claim)))
  await postgres().pause()
  const began = Date.now()
  const late = claimsOf(5, 'hang').map((claim) => expect(ledger.claim(claim)).rejects.toThrow('PostgreSQL: '))
  await Promise.all(late)
  expect(Date.now() - began).toBeLessThan(3000)
  await postgres().resume()
  const { rows } = await openPool().query('SELECT txid_current()')
  expect(rows).toHaveLength(1)
  await expect.poll(() => countOf(pool, 'hang'), { timeout: 5000 }).toBe(0)
  expect(await ledger.claim(claimFor({ id: 'hang' }))).toBe(true)
})

test('a claim that waits for a lock is refused after two seconds, and takes nothing then', async () => {
  const pool = openPool()
  const ledger = postgresLedger({ pool })
  await ledger.claim(claimFor({ id: 'locked', limit: 9 }))
  const holder = await openPool().connect()
  onTestFinished(() => holder.release(true))
  await holder.query("BEGIN; SELECT FROM latchkey_counts WHERE id = 'locked' FOR UPDATE")
  const began = Date.now()
  await expect(ledger.claim(claimFor({ id: 'locked', limit: 9 }))).rejects.toThrow('PostgreSQL: ')
  expect(Date.now() - began).toBeLessThan(2500)
  expect(await ledger.claim(claimFor({ id: 'free' }))).toBe(true)
  await holder.query('ROLLBACK')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await countOf(pool, 'locked')).toBe(1)
})

test('a claim that is repeated after it was given up is granted, and counts once', async () => {
  const pool = openPool({ statement_timeout: undefined })
  const ledger = postgresLedger({ pool })
  await Promise.all(claimsOf(4, 'warm-again').map((claim) => ledger.claim(claim)))
  for (let times = 0; times < 3; times++) {
    const id = `again-${times}`
    const claim = claimFor({ id, limit: 2 })
    await postgres().pause()
    await expect(ledger.claim(claim)).rejects.toThrow('no answer')
    const again = times === 0 ? ledger.claim(claim) : undefined
    await postgres().resume()
    expect(await (again ?? ledger.claim(claim))).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await countOf(pool, id)).toBe(1)
    expect(await ledger.claim(claim)).toBe(true)
    expect(await countOf(pool, id)).toBe(1)
  }
})

test('a transaction that breaks off leaves nothing half done', async () => {
  const pool = openPool()
  await pool.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.client = 'fail' THEN RAISE 'no room'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON latchkey_windows FOR EACH ROW EXECUTE FUNCTION fail()`)
  const ledger = postgresLedger({ pool })
  const claim = claimFor({ id: 'half', resume: { client: 'fail', seconds: 60, joins: false } })
  await expect(ledger.claim(claim)).rejects.toThrow('PostgreSQL: no room')
  expect(await ledger.isSpent(claimFor({ id: 'half' }))).toBe(false)
  expect(await ledger.claim(claimFor({ id: 'half' }))).toBe(true)
  expect(await ledger.claim({ ...claim, resume: { client: 'ok', seconds: 60, joins: false } })).toBe(false)
})

function claimsOf(count: number, id: string) {
  return Array.from({ length: count }, () => claimFor({ id, limit: 5 }))
}
