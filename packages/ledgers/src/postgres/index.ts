import { type DownloadClaim, LatchkeyError, type Ledger } from '@latchkey/core'
import { isCountable } from '../countable.js'
import { LateClaims } from '../late-claims.js'
import { Patience } from '../patience.js'
import { storedName, storedNames } from '../stored-name.js'
import { storedNumber, storedTime } from '../stored-number.js'
import { explain } from './errors.js'
import { namesIn, type PostgresLedgerPlace } from './place.js'
import type { PostgresPool } from './pool.js'

export { migratePostgresLedger, postgresLedgerMigration } from './migration.js'
export type { PostgresLedgerPlace } from './place.js'
export type { PostgresPool } from './pool.js'

/** Options of a ledger in PostgreSQL. */
export interface PostgresLedgerOptions extends PostgresLedgerPlace {
  /** The app's own pool, of the package `pg`; closed by the app. */
  readonly pool: PostgresPool
}

/**
 * A ledger in PostgreSQL 11 or later. All processes whose pools lead to the same database share it. It needs the tables
 * and functions of `migratePostgresLedger`.
 *
 * - Each operation is one statement, so one transaction; claims of one id wait for each other. What it has confirmed is
 *   as durable as the database is. The isolation that PostgreSQL has unless told, `READ COMMITTED`, is the one it
 *   needs; with a stricter one, racing claims may fail.
 * - Times are the server's. What is over is deleted a little with each claim and revocation.
 * - An answer that does not come within 2 seconds is an error, and so is each question while 10 000 are without an
 *   answer. A claim that is answered later is given back. One whose connection broke may stay counted, which is the
 *   safe side.
 *
 * @throws LatchkeyError `invalid_option` for what is no pool, and a schema or prefix that is out of its bounds; its methods reject with
 *   `ledger_unavailable` where PostgreSQL gives no answer or an error, which is the `cause`
 */
export function postgresLedger({ pool, ...place }: PostgresLedgerOptions): Ledger {
  const named = namesIn(place)
  if (typeof (pool as Partial<PostgresPool> | undefined)?.query !== 'function') {
    throw new LatchkeyError('invalid_option', 'pool is a Pool of the package pg')
  }
  const patience = new Patience('PostgreSQL', explain)
  const sql = {
    claim: `SELECT ${named('claim')}($1, $2, $3, $4, $5, $6, $7) AS answer`,
    release: `SELECT ${named('release')}($1, $2, $3) AS answer`,
    isSpent: `SELECT ${named('is_spent')}($1, $2, $3, $4, $5) AS answer`,
    revoke: `SELECT ${named('revoke')}($1, $2, $3) AS answer`,
    isRevoked: `SELECT ${named('is_revoked')}($1, $2) AS answer`,
  }

  async function ask(text: string, values: Parameters<PostgresPool['query']>[1]): Promise<unknown> {
    const { rows } = await pool.query(text, values)
    return (rows[0] as { answer?: unknown } | undefined)?.answer
  }

  const release = ({ id, attempt, resume }: DownloadClaim) =>
    patience.ask(() => ask(sql.release, [storedName(id), storedName(attempt), clientOf(resume)]))
  const lateClaims = new LateClaims(release)

  return {
    async claim(claim) {
      if (!isCountable(claim)) return false
      const { attempt, resume } = claim
      const [id, limit, ends, client, joins] = asked(claim)
      const values = [id, limit, ends, storedName(attempt), client, storedTime(resume?.seconds ?? 0), joins]
      await lateClaims.repeat(claim)
      return patience.ask(
        async () => (await ask(sql.claim, values)) === true,
        (granted) => lateClaims.giveUp(claim, granted),
      )
    },
    async release(claim) {
      await release(claim)
    },
    async isSpent(claim) {
      if (!isCountable(claim)) return true
      const values = [...asked(claim)]
      return (await patience.ask(() => ask(sql.isSpent, values))) !== false
    },
    async revoke(names, { issuedBy, expiresAt }) {
      const values = [storedNames(names), storedNumber(issuedBy), storedTime(expiresAt)]
      if (names.length > 0) await patience.ask(() => ask(sql.revoke, values))
    },
    async isRevoked(names, issuedAt) {
      if (names.length === 0) return false
      const values = [storedNames(names), storedNumber(issuedAt)]
      return (await patience.ask(() => ask(sql.isRevoked, values))) !== false
    },
  }
}

function asked({ id, limit, expiresAt, resume }: Omit<DownloadClaim, 'attempt'>) {
  const joins = resume?.joins === true
  return [storedName(id), storedNumber(limit), storedTime(expiresAt), clientOf(resume), joins] as const
}

function clientOf(resume: DownloadClaim['resume']): string | null {
  return resume === undefined ? null : storedName(resume.client)
}
