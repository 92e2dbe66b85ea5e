import type { Scope } from './grant.js'

/**
 * A delegation: whoever holds it signs URLs of their own within its limits, with `presignUrl`, anywhere and without
 * asking the server again. Both parts together are as good as a signed URL for everything in its scope; the first alone
 * opens nothing. It can be sent as JSON.
 */
export interface SignedToken {
  /** What it allows; readable, and of no use alone. Each of its URLs begins its token with it. */
  readonly delegationToken: string
  /** What URLs are signed with, 43 characters: a secret of whoever the delegation is for. */
  readonly clientSigningToken: string
  /** From this moment on the delegation, and every URL made with it, is refused. */
  readonly validUntil: Date
  /** Where the mount is reached. */
  readonly baseUrl: string
  /** The one object, or all whose keys begin with a prefix. */
  readonly scope: Scope
  /** What it, and all its URLs, can be revoked by. Absent: it cannot be revoked by itself. */
  readonly id?: string
}

/**
 * A `SignedToken` as it was issued, or as it came out of JSON. `validUntil` may be a `Date`, the ISO 8601 text that JSON
 * makes of it, or milliseconds since the epoch: it is there to be shown, and the end that counts is the signed one.
 */
export interface PortableSignedToken extends Omit<SignedToken, 'validUntil'> {
  readonly validUntil?: Date | string | number
}
