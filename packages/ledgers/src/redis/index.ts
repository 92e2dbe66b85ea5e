import { type DownloadClaim, LatchkeyError, type Ledger } from '@latchkey/core'
import { isCountable } from '../countable.js'
import { LateClaims } from '../late-claims.js'
import { Patience } from '../patience.js'
import { storedName, storedNames } from '../stored-name.js'
import { storedNumber, storedTime } from '../stored-number.js'
import { type IoRedisClient, type NodeRedisClient, runScript } from './client.js'
import { CLAIM, IS_REVOKED, IS_SPENT, RELEASE, REVOKE, type RedisScript } from './scripts.js'

export type { IoRedisClient, NodeRedisClient } from './client.js'

/** Options of a ledger in Redis. */
export interface RedisLedgerOptions {
  /** The app's own client: of the package `redis` or `ioredis`, also one of a cluster. Connected, and closed, by the app. */
  readonly client: NodeRedisClient | IoRedisClient
  /** What each key begins with: 1 to 64 letters, digits or `_ - . : /`; default `latchkey`. */
  readonly prefix?: string
}

/**
 * A ledger in Redis 5 or later, or in a server that speaks its protocol and runs its scripts, such as Valkey. All
 * processes whose clients lead to the same server and that have the same prefix share it.
 *
 * - Each operation is one script, so one step. All keys of a claim are in one slot of a cluster, and all revocations are.
 * - Everything has an end that the server keeps: counts that of their limit, revocations theirs, attempts 5 minutes, windows
 *   no less. Times are the server's. The server must not evict: `maxmemory-policy noeviction`.
 * - It remembers as well as the server does: what that loses with a crash or a failover is a download to be had again.
 * - An answer that does not come within 2 seconds is an error, and so is each question while 10 000 are without an
 *   answer. A claim that is answered later is given back. One whose connection broke may stay counted, which is the
 *   safe side.
 *
 * @throws LatchkeyError `invalid_option` for what is no client, and a prefix that is out of its bounds; its methods reject with `ledger_unavailable`
 *   where Redis gives no answer or an error, which is the `cause`
 */
export function redisLedger({ client, prefix = 'latchkey' }: RedisLedgerOptions): Ledger {
  if (!isClient(client)) {
    throw new LatchkeyError('invalid_option', 'client is a client of the package redis or ioredis')
  }
  if (!/^[\w\-.:/]{1,64}$/.test(prefix)) {
    throw new LatchkeyError('invalid_option', 'prefix is 1 to 64 letters, digits or _ - . : /')
  }
  const patience = new Patience('Redis')
  const run = (script: RedisScript, keys: string[], args: string[]) => runScript(client, script, keys, args)

  const release = (claim: DownloadClaim) =>
    patience.ask(() => run(RELEASE, claimKeys(claim), [claim.attempt]))
  const lateClaims = new LateClaims(release)

  return {
    async claim(claim) {
      if (!isCountable(claim)) return false
      const { attempt, resume } = claim
      const args = [...boundsOf(claim), attempt, storedTime(resume?.seconds ?? 0), joins(resume)]
      await lateClaims.repeat(claim)
      return patience.ask(
        async () => Number(await run(CLAIM, claimKeys(claim), args)) === 1,
        (granted) => lateClaims.giveUp(claim, granted),
      )
    },
    async release(claim) {
      await release(claim)
    },
    async isSpent(claim) {
      if (!isCountable(claim)) return true
      const keys = [countKey(claim.id), ...windowKeys(claim)]
      const args = [...boundsOf(claim), joins(claim.resume)]
      return Number(await patience.ask(() => run(IS_SPENT, keys, args))) !== 0
    },
    async revoke(names, { issuedBy, expiresAt }) {
      const args = [storedNumber(issuedBy), storedTime(expiresAt)]
      if (names.length > 0) await patience.ask(() => run(REVOKE, revocationKeys(names), args))
    },
    async isRevoked(names, issuedAt) {
      if (names.length === 0) return false
      const args = [storedNumber(issuedAt)]
      return Number(await patience.ask(() => run(IS_REVOKED, revocationKeys(names), args))) !== 0
    },
  }

  // What is in braces decides about the slot.
  function countKey(id: string): string {
    return `${prefix}:{${storedName(id)}}:used`
  }

  function claimKeys(claim: DownloadClaim): string[] {
    const attemptKey = `${prefix}:{${storedName(claim.id)}}:attempt:${storedName(claim.attempt)}`
    return [countKey(claim.id), attemptKey, ...windowKeys(claim)]
  }

  function windowKeys({ id, resume }: Omit<DownloadClaim, 'attempt'>): string[] {
    return resume === undefined ? [] : [`${prefix}:{${storedName(id)}}:window:${storedName(resume.client)}`]
  }

  function revocationKeys(names: readonly string[]): string[] {
    // An id in braces has no `!`.
    return storedNames(names).map((name) => `${prefix}:{!revoked}:${name}`)
  }
}

function boundsOf({ limit, expiresAt }: Omit<DownloadClaim, 'attempt'>): [string, string] {
  return [storedNumber(limit), storedTime(expiresAt)]
}

function joins(resume: DownloadClaim['resume']): '1' | '0' {
  return resume?.joins === true ? '1' : '0'
}

function isClient(client: object | undefined): boolean {
  const { eval: run, evalSha, evalsha } = (client ?? {}) as Record<string, unknown>
  return typeof run === 'function' && typeof (evalSha ?? evalsha) === 'function'
}
