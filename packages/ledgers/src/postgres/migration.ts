import { namesIn, type PostgresLedgerPlace } from './place.js'
import type { PostgresPool } from './pool.js'

/**
 * The statements that make the tables and functions of the ledger, for a migration of the app's own. They may be run again,
 * and by several processes at once if all of them are sent as one query or in one transaction. PostgreSQL 11 or later.
 *
 * @throws LatchkeyError `invalid_option` for a place that is out of its bounds
 */
export function postgresLedgerMigration(place: PostgresLedgerPlace = {}): string {
  const named = namesIn(place)
  const counts = named('counts')
  const attempts = named('attempts')
  const windows = named('windows')
  const revocations = named('revocations')
  // An index is in the schema of its table, and named without it.
  const index = (table: string) => named(table).split('.')[1]
  return `-- One at a time: even "IF NOT EXISTS" fails where two make the same table at once.
SELECT pg_advisory_xact_lock(7308613719);

-- Times are milliseconds since 1970. Names that are not plain are kept as their SHA-256.
CREATE TABLE IF NOT EXISTS ${counts} (
  id text PRIMARY KEY,
  used bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS ${attempts} (
  id text,
  attempt text,
  took_one boolean NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (id, attempt)
);
CREATE TABLE IF NOT EXISTS ${windows} (
  id text,
  client text,
  opened_by text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (id, client)
);
-- issued_by is in seconds.
CREATE TABLE IF NOT EXISTS ${revocations} (
  name text PRIMARY KEY,
  issued_by bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS ${index('counts_expiry')} ON ${counts} (expires_at);
CREATE INDEX IF NOT EXISTS ${index('attempts_expiry')} ON ${attempts} (expires_at);
CREATE INDEX IF NOT EXISTS ${index('windows_expiry')} ON ${windows} (expires_at);
CREATE INDEX IF NOT EXISTS ${index('revocations_expiry')} ON ${revocations} (expires_at);

-- Not now(): that is when the transaction began, which may have waited since.
CREATE OR REPLACE FUNCTION ${named('now')}() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

CREATE OR REPLACE FUNCTION ${named('claim')}(
  p_id text, p_limit bigint, p_expires_at bigint, p_attempt text, p_client text, p_window_ms bigint, p_joins boolean
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_used bigint;
  v_now bigint;
  v_opener text;
BEGIN
  -- Most claims of a URL that is used up end here, in one look and without a write.
  v_now := ${named('now')}();
  IF EXISTS (SELECT FROM ${counts} WHERE id = p_id AND used >= p_limit AND expires_at >= p_expires_at)
    AND NOT EXISTS (SELECT FROM ${attempts} WHERE id = p_id AND attempt = p_attempt AND expires_at > v_now)
    AND NOT EXISTS (SELECT FROM ${windows}
      WHERE p_joins AND id = p_id AND client = p_client AND expires_at > v_now) THEN
    RETURN false;
  END IF;

  -- From here on this transaction has the row of the id, for which the others wait. Of two ends, the longer memory is safe.
  INSERT INTO ${counts} AS kept (id, used, expires_at) VALUES (p_id, 0, p_expires_at)
    ON CONFLICT (id) DO UPDATE SET expires_at = greatest(kept.expires_at, excluded.expires_at)
    RETURNING used INTO v_used;
  v_now := ${named('now')}();

  PERFORM FROM ${attempts} WHERE id = p_id AND attempt = p_attempt AND expires_at > v_now;
  IF FOUND THEN
    RETURN true;
  END IF;

  IF p_joins THEN
    SELECT opened_by INTO v_opener FROM ${windows} WHERE id = p_id AND client = p_client AND expires_at > v_now;
    IF FOUND THEN
      -- Whoever opened it cannot give its use back any more, also when the window is no longer there.
      UPDATE ${attempts} SET took_one = false WHERE id = p_id AND attempt = v_opener;
      INSERT INTO ${attempts} AS kept (id, attempt, took_one, expires_at)
        VALUES (p_id, p_attempt, false, v_now + 300000)
        ON CONFLICT (id, attempt) DO UPDATE SET took_one = false, expires_at = excluded.expires_at;
      RETURN true;
    END IF;
  END IF;

  IF v_used >= p_limit OR v_now >= p_expires_at THEN
    RETURN false;
  END IF;

  UPDATE ${counts} SET used = used + 1 WHERE id = p_id;
  INSERT INTO ${attempts} AS kept (id, attempt, took_one, expires_at)
    VALUES (p_id, p_attempt, true, v_now + 300000)
    ON CONFLICT (id, attempt) DO UPDATE SET took_one = true, expires_at = excluded.expires_at;
  IF p_client IS NOT NULL THEN
    INSERT INTO ${windows} AS kept (id, client, opened_by, expires_at)
      VALUES (p_id, p_client, p_attempt, v_now + p_window_ms)
      ON CONFLICT (id, client) DO UPDATE
        SET opened_by = excluded.opened_by, expires_at = excluded.expires_at;
  END IF;

  -- More goes than comes. It is the last step and skips what is held, so it waits for nobody.
  DELETE FROM ${attempts} WHERE (id, attempt) IN (
    SELECT id, attempt FROM ${attempts} WHERE expires_at <= v_now ORDER BY expires_at LIMIT 3 FOR UPDATE SKIP LOCKED);
  DELETE FROM ${windows} WHERE (id, client) IN (
    SELECT id, client FROM ${windows} WHERE expires_at <= v_now ORDER BY expires_at LIMIT 3 FOR UPDATE SKIP LOCKED);
  DELETE FROM ${counts} WHERE id IN (
    SELECT id FROM ${counts} WHERE expires_at <= v_now ORDER BY expires_at LIMIT 3 FOR UPDATE SKIP LOCKED);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION ${named('release')}(p_id text, p_attempt text, p_client text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_took_one boolean;
  v_now bigint;
BEGIN
  PERFORM FROM ${counts} WHERE id = p_id FOR UPDATE;
  v_now := ${named('now')}();
  DELETE FROM ${attempts} WHERE id = p_id AND attempt = p_attempt AND expires_at > v_now
    RETURNING took_one INTO v_took_one;
  IF v_took_one IS NOT TRUE THEN
    RETURN;
  END IF;
  IF p_client IS NOT NULL THEN
    DELETE FROM ${windows} WHERE id = p_id AND client = p_client AND opened_by = p_attempt;
  END IF;
  UPDATE ${counts} SET used = used - 1 WHERE id = p_id AND used > 0;
END $$;

CREATE OR REPLACE FUNCTION ${named('is_spent')}(
  p_id text, p_limit bigint, p_expires_at bigint, p_client text, p_joins boolean
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now bigint := ${named('now')}();
BEGIN
  RETURN NOT EXISTS (SELECT FROM ${windows}
      WHERE p_joins AND id = p_id AND client = p_client AND expires_at > v_now)
    AND (v_now >= p_expires_at OR EXISTS (SELECT FROM ${counts} WHERE id = p_id AND used >= p_limit));
END $$;

CREATE OR REPLACE FUNCTION ${named('revoke')}(p_names text[], p_issued_by bigint, p_expires_at bigint)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now bigint := ${named('now')}();
BEGIN
  INSERT INTO ${revocations} AS kept (name, issued_by, expires_at)
    SELECT unnest(p_names), p_issued_by, p_expires_at
    ON CONFLICT (name) DO UPDATE SET
      -- One that is over says nothing any more, also where it is not yet deleted.
      issued_by = CASE WHEN kept.expires_at > v_now
        THEN greatest(kept.issued_by, excluded.issued_by) ELSE excluded.issued_by END,
      expires_at = greatest(kept.expires_at, excluded.expires_at);
  DELETE FROM ${revocations} WHERE name IN (
    SELECT name FROM ${revocations} WHERE expires_at <= v_now
    ORDER BY expires_at LIMIT cardinality(p_names) + 3 FOR UPDATE SKIP LOCKED);
END $$;

CREATE OR REPLACE FUNCTION ${named('is_revoked')}(p_names text[], p_issued_at bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now bigint := ${named('now')}();
BEGIN
  RETURN EXISTS (SELECT FROM ${revocations}
    WHERE name = ANY (p_names) AND issued_by >= p_issued_at AND expires_at > v_now);
END $$;
`
}

/**
 * Makes the tables and functions of the ledger, where they are not there as this version has them. It may be run at each start, by
 * several processes at once.
 *
 * @param pool its user must be allowed to create tables and functions in the schema; the ledger's own pool need not be
 * @throws LatchkeyError `invalid_option` for a place that is out of its bounds; else what the pool throws
 */
export async function migratePostgresLedger(
  pool: PostgresPool,
  place: PostgresLedgerPlace = {},
): Promise<void> {
  // Without parameters, so that it goes as one query, which is one transaction.
  await pool.query(postgresLedgerMigration(place))
}
