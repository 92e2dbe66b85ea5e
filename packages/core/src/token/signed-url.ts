/** A signed URL. */
export interface SignedUrl {
  /** Absolute where `baseUrl` is; otherwise relative to the origin. */
  readonly url: string
  /** From this moment on the URL is refused. */
  readonly expiresAt: Date
}
