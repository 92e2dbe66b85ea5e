import { type Grant, LatchkeyError, type MaybePromise } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { ledgerAnswer } from './ledger-patience.js'
import { namesOf } from './revocation-names.js'

/** A token that does not say when it was issued counts as older than every revocation. */
const LONG_AGO = 0

/**
 * Says whether a token that came for this key was revoked. Only those that can be cost a look-up, unless all of the
 * mount's can.
 *
 * @returns what `verify` takes; it rejects with `ledger_unavailable` where nobody can tell
 */
export function revocationLookup(
  key: string,
  settings: GateSettings,
): (grant: Grant) => MaybePromise<boolean> {
  return (grant) => (canBeRevoked(grant, settings.revocable) ? lookUp(grant, key, settings) : false)
}

/**
 * Whether a token is looked up with each request.
 *
 * @param revocable whether all tokens of the mount are
 */
export function canBeRevoked({ issuedAt }: Grant, revocable: boolean): boolean {
  return issuedAt !== undefined || revocable
}

async function lookUp(grant: Grant, key: string, settings: GateSettings): Promise<boolean> {
  const { ledger, revocationSpace } = settings
  if (ledger === undefined) {
    throw new LatchkeyError('ledger_unavailable', 'a token can be revoked, and there is no ledger to look')
  }
  const names = namesOf(grant, key, revocationSpace)
  const revoked = await ledgerAnswer(() => ledger.isRevoked(names, grant.issuedAt ?? LONG_AGO)).catch(
    (cause: unknown) => {
      throw new LatchkeyError('ledger_unavailable', 'the ledger gave no answer', { cause })
    },
  )
  // Whatever else a ledger may say is no leave to serve.
  return revoked !== false
}
