import type { UploadPin, Visibility } from './grant.js'

/**
 * How a URL made from another, or from a delegation, is narrowed. What is absent stays as it is there. To ask for more
 * than is there is an error, but for the end: a URL is valid no longer than what it was made from, and that is where
 * a later end goes.
 */
export interface NarrowingOptions {
  /** How long the URL is valid: whole seconds, at least 1, or a text such as `'10m'`, `'1h'`. */
  readonly expiresIn?: number | string
  /** The moment the URL expires at, a `Date` or milliseconds since the epoch. Excludes `expiresIn`. */
  readonly validUntil?: Date | number
  /** The moment the URL becomes valid at, a `Date` or milliseconds since the epoch. An earlier one changes nothing. */
  readonly notBefore?: Date | number
  /** How many downloads this URL is good for, 1 to 2^53 - 1, beside every limit that is there. */
  readonly maxDownloads?: number
  /** The addresses that requests may come from, of those that are allowed; ranges as in `10.0.0.0/8`. 1 to 64. */
  readonly allowedAddresses?: readonly string[]
  /**
   * How long the client of a download that was counted may come back for parts of it at no cost, as far as the limit
   * beside it goes: whole seconds or a text such as `'10m'`, 1 s to 7 days. Only beside `maxDownloads`.
   */
  readonly resumeWindow?: number | string
  /** `true`: whoever opens the URL is asked first. */
  readonly confirm?: boolean
  /** The largest upload: bytes, or a text such as `'5mb'`. */
  readonly maxSize?: number | string
  /** The types to take: `image/png`, `image/*`, `*\/*`. Empty takes none. */
  readonly allowedTypes?: readonly string[]
  /** Whether an upload goes to a key that nobody can guess: a random suffix (128 bits) before the extension. */
  readonly addRandomSuffix?: boolean
  /** `false`: an upload creates only. */
  readonly allowOverwrite?: boolean
  /** Replaces or removes only the version with this strong ETag, quotes included. RFC 9110, section 8.8.3. */
  readonly ifMatch?: string
  /** `private`: an upload becomes private. */
  readonly visibility?: Visibility
  /** The one upload in parts, or the part of one, that the URL is for. */
  readonly pin?: UploadPin
  /** `max-age`, seconds, 0 to 31 536 000. Only with `overrides`. */
  readonly cacheControlMaxAge?: number
  /** Saved (`true`), saved under a name, or shown (`false`). Only with `overrides`. */
  readonly download?: boolean | string
  /**
   * `true`: the URL gets an id of its own, by which it can be revoked alone. Only where what it is made from can be revoked;
   * with that it is revoked in any case.
   */
  readonly revocable?: boolean
  /** The time in milliseconds; default `Date.now`. For tests. */
  readonly now?: () => number
}

/** The options that presigning and narrowing share; the compiler keeps the list whole. */
export const NARROWING_OPTIONS: Readonly<Record<keyof NarrowingOptions, true>> = {
  addRandomSuffix: true,
  allowedAddresses: true,
  allowedTypes: true,
  allowOverwrite: true,
  cacheControlMaxAge: true,
  confirm: true,
  download: true,
  expiresIn: true,
  ifMatch: true,
  maxDownloads: true,
  maxSize: true,
  notBefore: true,
  now: true,
  pin: true,
  resumeWindow: true,
  revocable: true,
  validUntil: true,
  visibility: true,
}
