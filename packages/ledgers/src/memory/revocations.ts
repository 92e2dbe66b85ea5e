import type { Ledger, Revocation } from '@latchkey/core'
import { FadingMap } from './fading-map.js'

/** What was revoked, by name. */
export function revocations(now: () => number): Pick<Ledger, 'revoke' | 'isRevoked'> {
  const revoked = new FadingMap<Revocation>(({ expiresAt }) => expiresAt * 1000 <= now())
  return {
    async revoke(names, { issuedBy, expiresAt }) {
      for (const name of names) {
        const before = revoked.get(name)
        revoked.set(name, {
          issuedBy: Math.max(before?.issuedBy ?? issuedBy, issuedBy),
          expiresAt: Math.max(before?.expiresAt ?? expiresAt, expiresAt),
        })
      }
    },
    async isRevoked(names, issuedAt) {
      // Not `issuedBy >= issuedAt`: a time that is NaN must not pass.
      return names.some((name) => {
        const found = revoked.get(name)
        return found !== undefined && !(found.issuedBy < issuedAt)
      })
    },
  }
}
