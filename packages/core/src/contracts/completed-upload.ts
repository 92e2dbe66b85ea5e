import type { Visibility } from '../token/grant.js'

/** What became of an upload, as measured on the bytes that came, not as the client announced it. */
export interface CompletedUpload {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Of the stored version, in its quotes. */
  readonly etag: string
  /** SHA-256 of the whole object. */
  readonly digest: { readonly algorithm: 'sha-256'; readonly hex: string; readonly base64: string }
  /** As the client announced it and the token allowed it. */
  readonly contentType: string
  /** What the `sniff` function found in the first bytes; absent without one, or where it recognised nothing. */
  readonly sniffedType?: string
  readonly visibility: Visibility
  /** The text that the server put into the token. */
  readonly payload?: string
  /** Whom the token was made for. */
  readonly subject?: string
  /** Whether the key was free before. */
  readonly created: boolean
}
