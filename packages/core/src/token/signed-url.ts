/** A signed URL. */
export interface SignedUrl {
  /** Absolute where `baseUrl` is; otherwise relative to the origin. */
  readonly url: string
  /** From this moment on the URL is refused. */
  readonly expiresAt: Date
  /** What the URL, and all that is made from it, can be revoked by. Absent: it cannot be revoked by itself. */
  readonly id?: string
}
