import type { ObjectStat } from '../contracts/storage-driver.js'
import type { Grant } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { canBeRevoked } from './revocation-lookup.js'

/** Errors carry what only one client may know; no cache keeps them. */
export const NO_STORE = 'no-store'

const PRIVATE_MAX_AGE = 300
const PUBLIC_FOREVER = 'public, max-age=31536000, immutable'

/** `Cache-Control` of an object that was opened with a token: never beyond the token's own life, and not without asking where that may have been revoked meanwhile. */
export function privateCacheControl(
  grant: Grant,
  stat: ObjectStat,
  { now, revocable }: Pick<GateSettings, 'now' | 'revocable'>,
): string {
  // The signer's word that it may be kept weighs more; that of the object does not.
  if (canBeRevoked(grant, revocable) && grant.cacheControlMaxAge === undefined) return 'private, no-cache'
  const lifeLeft = Math.max(0, grant.expiresAt - Math.ceil(now() / 1000))
  const wanted = grant.cacheControlMaxAge ?? stat.cacheControlMaxAge ?? PRIVATE_MAX_AGE
  return `private, max-age=${Math.min(wanted, lifeLeft)}`
}

/** `Cache-Control` of an object that needs no token. */
export function publicCacheControl(stat: ObjectStat): string {
  return stat.cacheControlMaxAge === undefined ? PUBLIC_FOREVER : `public, max-age=${stat.cacheControlMaxAge}`
}
