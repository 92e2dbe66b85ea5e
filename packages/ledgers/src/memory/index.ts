import type { Ledger } from '@latchkey/core'

/** Options of a ledger in memory. */
export interface MemoryLedgerOptions {
  /** The time in milliseconds; default `Date.now`. For tests. */
  readonly now?: () => number
}

/** Looked at in each claim, so that the ids of tokens that are over go, and no claim takes long. */
const SWEPT_PER_CLAIM = 2

interface Count {
  used: number
  /** Unix seconds. */
  expiresAt: number
}

/**
 * A ledger in the memory of one process: the counts are neither shared with another process nor kept over a restart, so
 * with two instances of an app a URL that is good for one download is good for two. For development, tests and
 * apps that are one process and stay up; else use a ledger that is shared.
 *
 * An id is kept until its end, however many there are: to forget one earlier would let its URL be used again.
 * About 200 bytes an id.
 */
export function memoryLedger({ now = Date.now }: MemoryLedgerOptions = {}): Ledger {
  const counts = new Map<string, Count>()
  let sweep = counts.entries()

  /** Goes round the ids, a few with each claim: over time every one is looked at. */
  function forgetSome(): void {
    for (let looked = 0; looked < SWEPT_PER_CLAIM; looked++) {
      const next = sweep.next()
      if (next.done) {
        sweep = counts.entries()
        return
      }
      const [id, count] = next.value
      if (isOver(count.expiresAt)) counts.delete(id)
    }
  }

  function isOver(expiresAt: number): boolean {
    // Not `>=`: an end that is NaN must not be for ever.
    return !(now() < expiresAt * 1000)
  }

  return {
    // Without an `await` nothing comes between the look and the change: that is what makes it atomic here.
    async claim(id, limit, expiresAt) {
      forgetSome()
      if (!(limit >= 1) || isOver(expiresAt)) return false
      const count = counts.get(id)
      if (count === undefined) {
        counts.set(id, { used: 1, expiresAt })
        return true
      }
      // Two callers that differ: the longer memory is the safe one.
      count.expiresAt = Math.max(count.expiresAt, expiresAt)
      if (count.used >= limit) return false
      count.used++
      return true
    },
    async isSpent(id, limit) {
      const count = counts.get(id)
      return !(limit >= 1) || (count !== undefined && count.used >= limit)
    },
    async release(id) {
      const count = counts.get(id)
      if (count === undefined) return
      if (count.used > 1) count.used--
      else counts.delete(id)
    },
  }
}
