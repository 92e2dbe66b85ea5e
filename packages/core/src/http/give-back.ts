import type { DownloadClaim, Ledger } from '../contracts/ledger.js'
import { ledgerAnswer } from './ledger-patience.js'

/** Waits before each try. The last comes well before a ledger may forget an attempt. */
const WAITS_MS = [0, 1_000, 10_000, 60_000]

/** Claims that wait at once: while a ledger is down, requests must not pile up memory. */
const MOST_WAITING = 1_000

let waiting = 0

/**
 * Gives a use back that may have been taken for nothing, in the background, until the ledger confirms it or all tries
 * are used up: then it is lost to the holder, which is the safe side. A repeated release gives back no second use.
 */
export function giveBackLater(claim: DownloadClaim, ledger: Ledger): void {
  if (waiting >= MOST_WAITING) return
  waiting++
  giveBack(claim, ledger)
    .catch(() => {})
    .finally(() => {
      waiting--
    })
}

async function giveBack(claim: DownloadClaim, ledger: Ledger): Promise<void> {
  for (const wait of WAITS_MS) {
    await pause(wait)
    const done = await ledgerAnswer(() => ledger.release(claim)).then(
      () => true,
      () => false,
    )
    if (done) return
  }
}

/** Does not keep a process that would end. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
