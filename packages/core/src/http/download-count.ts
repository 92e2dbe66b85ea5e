import { randomBytes } from 'node:crypto'
import type { GateRequest } from '../contracts/gate.js'
import type { DownloadClaim, Ledger } from '../contracts/ledger.js'
import { type DownloadLimit, type GrantFields, LatchkeyError } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { ledgerAnswer } from './ledger-patience.js'
import { reportFault } from './report.js'

/** A download that was counted. */
export interface CountedDownload {
  /** Gives it back, as nothing of it was sent. Only the first call does anything. */
  release(): Promise<void>
}

/**
 * Counts a download against every limit of its token, or against none.
 *
 * @throws LatchkeyError `exhausted`; `ledger_unavailable` where the ledger fails, is slow, or is none
 */
export async function countDownload(
  limits: readonly DownloadLimit[],
  request: GateRequest,
  settings: GateSettings,
): Promise<CountedDownload> {
  const ledger = requiredLedger(settings)
  const attempt = randomBytes(16).toString('base64url')
  const claimed: DownloadClaim[] = []
  const download: CountedDownload = {
    async release() {
      const claims = claimed.splice(0)
      // A use that is not given back is lost to the holder, which is the safe side.
      const giveBack = async (claim: DownloadClaim) =>
        ledgerAnswer(() => ledger.release(claim)).catch((error: unknown) =>
          reportFault(error, request, settings),
        )
      await Promise.all(claims.map(giveBack))
    },
  }
  try {
    for (const limit of limits) {
      const claim = { ...limit, attempt }
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
 * @throws LatchkeyError as `countDownload`
 */
export async function requireDownloadsLeft(
  limits: readonly DownloadLimit[],
  settings: GateSettings,
): Promise<void> {
  const ledger = requiredLedger(settings)
  for (const limit of limits) {
    const spent = await ledgerAnswer(() => ledger.isSpent(limit)).catch(unavailable)
    if (spent !== false) throw exhausted()
  }
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
  // One that succeeds after all is for a download that was refused.
  const undo = (late: boolean) => (late ? ledger.release(claim) : undefined)
  const granted = await ledgerAnswer(() => ledger.claim(claim), undo).catch(unavailable)
  if (granted !== true) throw exhausted()
}

function exhausted(): LatchkeyError {
  return new LatchkeyError('exhausted', 'the downloads of the token are used up')
}

function unavailable(cause: unknown): never {
  throw new LatchkeyError('ledger_unavailable', 'the ledger gave no answer', { cause })
}
