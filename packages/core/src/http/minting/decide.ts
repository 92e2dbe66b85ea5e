import type { Denial, MintIntent, UploadLimits } from '../../contracts/authorize.js'
import { LatchkeyError, type UrlOptions } from '../../token/index.js'
import { mayKnowTimes, timed } from '../watch/request-watch.js'
import { faultOfApp } from './app-fault.js'
import type { MintingCall } from './call.js'

/** Limits as the app returned them. Their values are the app's too, and checked where they are used. */
export type Limits = UrlOptions & UploadLimits

/**
 * Asks the hook about an intent; gives the limits that it sets.
 *
 * @throws LatchkeyError `unauthorized`, `forbidden`, `not_found`; `internal_error` where the hook throws
 */
export async function decide({ authorize, request }: MintingCall, intent: MintIntent): Promise<Limits> {
  // A copy: whatever the hook does with it, what is minted is what was asked for.
  const decision = await timed(request, 'authorize', () => faultOfApp(async () => authorize({ ...intent })))
  if (isDenial(decision)) throw new LatchkeyError(decision, `authorize: ${decision}`)
  if (!isPlainObject(decision))
    throw new LatchkeyError('forbidden', 'authorize returned neither a denial nor limits')
  await faultOfApp(() => requireLimits(decision))
  mayKnowTimes(request)
  return decision
}

function isDenial(decision: unknown): decision is Denial {
  return decision === 'unauthorized' || decision === 'forbidden' || decision === 'not_found'
}

/** An error or a framework's response, returned by mistake, is no permission. */
function isPlainObject(decision: unknown): decision is Record<string, unknown> {
  if (typeof decision !== 'object' || decision === null || Array.isArray(decision)) return false
  const prototype: unknown = Object.getPrototypeOf(decision)
  // An object of another realm has another Object.prototype, which inherits from nothing just as ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const LIMITS: Readonly<Record<keyof Limits, true>> = {
  addRandomSuffix: true,
  allowOverwrite: true,
  allowedAddresses: true,
  allowedTypes: true,
  cacheControlMaxAge: true,
  confirm: true,
  download: true,
  expiresIn: true,
  ifMatch: true,
  key: true,
  maxDownloads: true,
  maxSize: true,
  notBefore: true,
  operations: true,
  payload: true,
  responseHeaders: true,
  revocable: true,
  stableFor: true,
  resumeWindow: true,
  subject: true,
  validUntil: true,
  visibility: true,
}

/** `{ allowed: false }` must not pass for a permission without limits. */
function requireLimits(decision: Record<string, unknown>): void {
  for (const name of Object.keys(decision)) {
    if (!Object.hasOwn(LIMITS, name)) {
      throw new LatchkeyError('invalid_option', `authorize returned '${name}', which is no limit`)
    }
  }
}
