import type { GrantContext } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/** What the options of a URL or a delegation are read against at a mount. */
export function grantContext(settings: GateSettings, now = settings.now()): GrantContext {
  const { expiry, ledger, revocable } = settings
  const revocation = ledger === undefined ? 'impossible' : revocable ? 'always' : 'possible'
  return { now, bounds: expiry, revocation }
}
