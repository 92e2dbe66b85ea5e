import { randomBytes } from 'node:crypto'
import type { DownloadClaim, Ledger } from '../contracts/ledger.js'
import { type GrantFields, LatchkeyError } from '../token/index.js'
import { type Download, type DownloadUse, usesOf } from './download-uses.js'
import type { GateSettings } from './gate-settings.js'
import { giveBackLater } from './give-back.js'
import { ledgerAnswer } from './ledger-patience.js'
import { reportFault } from './report.js'

/** A download that was counted, or belongs to one that was. */
export interface CountedDownload {
  /** Gives back what it took, as nothing of it was sent. Only the first call does anything. */
  release(): Promise<void>
}

/**
 * Counts a download against every limit of its token, or against none.
 *
 * @param joins whether it may belong to a download of the same client that was counted before
 * @throws LatchkeyError `exhausted`; `ledger_unavailable` where the ledger fails, is slow, or is none
 */
export async function countDownload(wanted: Download, joins: boolean): Promise<CountedDownload> {
  const { request, settings } = wanted
  const ledger = requiredLedger(settings)
  const attempt = randomBytes(16).toString('base64url')
  const claimed: DownloadClaim[] = []
  const download: CountedDownload = {
    async release() {
      const claims = claimed.splice(0)
      const giveBack = async (claim: DownloadClaim) =>
        ledgerAnswer(() => ledger.release(claim)).catch((error: unknown) => {
          reportFault(error, request, settings)
          giveBackLater(claim, ledger)
        })
      await Promise.all(claims.map(giveBack))
    },
  }
  try {
    for (const use of await usesOf(wanted, joins)) {
      const claim = { ...use, attempt }
      await take(claim, ledger)
      claimed.push(claim)
    }
  } catch (error) {
    await download.release()
    throw error
  }
  return download
}

/**
 * Refuses a token whose downloads are used up, for a request that costs none: it must learn nothing more either.
 *
 * @param joins whether a client in the middle of a download may go on
 * @throws LatchkeyError as `countDownload`
 */
export async function requireDownloadsLeft(wanted: Download, joins: boolean): Promise<void> {
  if (wanted.grant.downloadLimits.length === 0) return
  const ledger = requiredLedger(wanted.settings)
  for (const use of await usesOf(wanted, joins)) {
    if (await isSpent(use, ledger)) throw exhausted()
  }
}

/**
 * Whether the client is in the middle of a download that every limit has counted, and may ask for parts of it.
 *
 * @throws LatchkeyError `ledger_unavailable`
 */
export async function isResuming(wanted: Download): Promise<boolean> {
  if (wanted.grant.downloadLimits.length === 0) return false
  const ledger = requiredLedger(wanted.settings)
  for (const { id, expiresAt, resume } of await usesOf(wanted, true)) {
    if (resume === undefined) return false
    // To a limit of one, a single use is all: it is spent then for all but the client whose window is open.
    const one = { id, expiresAt, limit: 1 }
    const open = (await isSpent(one, ledger)) && !(await isSpent({ ...one, resume }, ledger))
    if (!open) return false
  }
  return true
}

/**
 * Refuses to mint a limit that nobody would count.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireCountable({ maxDownloads }: GrantFields, { ledger }: GateSettings): void {
  if (maxDownloads !== undefined && ledger === undefined) {
    throw new LatchkeyError('invalid_option', 'maxDownloads needs a ledger; give createLatchkey one')
  }
}

function requiredLedger({ ledger }: GateSettings): Ledger {
  if (ledger !== undefined) return ledger
  throw new LatchkeyError(
    'ledger_unavailable',
    'a token limits its downloads, and there is no ledger to count them',
  )
}

async function take(claim: DownloadClaim, ledger: Ledger): Promise<void> {
  const undo = () => giveBackLater(claim, ledger)
  const granted = await ledgerAnswer(() => ledger.claim(claim), {
    // One that succeeds after all is for a download that was refused.
    late: (late) => (late ? undo() : undefined),
    // A claim whose answer was lost on the way may have been granted.
    failed: undo,
  }).catch(unavailable)
  if (granted !== true) throw exhausted()
}

async function isSpent(use: DownloadUse, ledger: Ledger): Promise<boolean> {
  return (await ledgerAnswer(() => ledger.isSpent(use)).catch(unavailable)) !== false
}

function exhausted(): LatchkeyError {
  return new LatchkeyError('exhausted', 'the downloads of the token are used up')
}

function unavailable(cause: unknown): never {
  throw new LatchkeyError('ledger_unavailable', 'the ledger gave no answer', { cause })
}
