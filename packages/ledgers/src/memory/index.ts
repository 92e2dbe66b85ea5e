import type { Ledger } from '@latchkey/core'
import { downloadCounts } from './download-counts.js'
import { revocations } from './revocations.js'

/** Options of a ledger in memory. */
export interface MemoryLedgerOptions {
  /** The time in milliseconds; default `Date.now`. For tests. */
  readonly now?: () => number
}

/**
 * A ledger in the memory of one process: counts and revocations are neither shared with another process nor kept over a
 * restart, so with two instances of an app a URL that is good for one download is good for two. For development, tests and
 * apps that are one process and stay up; else use a ledger that is shared.
 *
 * An id is kept until its end, however many there are: to forget one earlier would let its URL be used again.
 * About 350 bytes for a download of the last 5 minutes, 200 for an earlier one.
 */
export function memoryLedger({ now = Date.now }: MemoryLedgerOptions = {}): Ledger {
  return { ...downloadCounts(now), ...revocations(now) }
}
