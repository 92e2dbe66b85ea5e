import type { Operation, Visibility } from './grant.js'

/** Options that every signed URL takes. */
export interface ValidityAndSubject {
  /**
   * How long the URL is valid: whole seconds, or a text such as `'10m'`, `'1h'`, `'7d'`. Default 3600 s, at least 1 s,
   * at most 604 800 s (7 days), unless the mount has other bounds. Out of them is an error, `invalid_option`.
   */
  readonly expiresIn?: number | string
  /** The moment the URL expires at, a `Date` or milliseconds since the epoch. Excludes `expiresIn`. */
  readonly validUntil?: Date | number
  /** The moment the URL becomes valid at, a `Date` or milliseconds since the epoch. Default: at once. */
  readonly notBefore?: Date | number
  /**
   * The addresses that requests may come from: 1 to 64 addresses of IPv4 or IPv6, or ranges of them (`10.0.0.0/8`,
   * `2001:db8::/32`; RFC 4632). Default: any. Behind a proxy, your framework must be told to trust it. A client whose
   * address changes, as phones' do, is refused from then on.
   */
  readonly allowedAddresses?: readonly string[]
  /** Whom the URL is for, 1 to 256 bytes. Signed, not secret: whoever has the URL can read it. */
  readonly subject?: string
  /**
   * Whether `revoke` can end the URL before its time. Each use of such a URL asks the ledger, which it needs. Default:
   * `true` where there is a ledger and the URL has a `subject`, or the mount has `revocable`; else `false`.
   */
  readonly revocable?: boolean
}

/** Options of a URL that reads or removes an object. */
export interface UrlOptions extends ValidityAndSubject, StableOption {
  /** What the URL allows: any of `get`, `head`, `delete`. Default `get` and `head`. */
  readonly operations?: readonly Operation[]
  /**
   * Whether the object is saved rather than shown: `true`, or the name to save it under (1 to 255 characters).
   * `false` shows it, whatever its type. Default: types that can run script are saved, all else is shown. RFC 6266.
   */
  readonly download?: boolean | string
  /** `max-age` of the reply, seconds, 0 to 31 536 000. */
  readonly cacheControlMaxAge?: number
  /**
   * Headers of the reply. Only `cache-control`, `content-encoding`, `content-language`, `content-type`, `expires` and
   * `x-robots-tag`; visible Latin-1 characters and spaces.
   */
  readonly responseHeaders?: Readonly<Record<string, string>>
  /**
   * How many downloads the URL is good for, 1 to 2^53 - 1: GET requests that are answered with bytes. Needs a ledger.
   * Default: as many as its time allows.
   */
  readonly maxDownloads?: number
  /**
   * How long the client of a download that was counted may come back for parts of it at no cost: whole seconds, or a text
   * such as `'10m'`; 1 s to 7 days from the request that was counted. Only beside `maxDownloads`. The same client is one
   * of the same address with the same `User-Agent`. Default: each request counts.
   */
  readonly resumeWindow?: number | string
  /**
   * Whether whoever opens the URL is asked first: a GET gets a page with a button and costs nothing, and only the POST
   * of that button is the download. So a mail scanner that follows the link does not use it up. Needs `get`. Default
   * `false`.
   */
  readonly confirm?: boolean
  /** With `delete`: removes only the version with this strong ETag, quotes included. RFC 9110, section 8.8.3. */
  readonly ifMatch?: string
}

/** The option of what is signed to be read again and again. */
export interface StableOption {
  /**
   * Every call inside this window gives the same URL, so that browsers and proxies find their copies: whole seconds, or a
   * text such as `'5m'`; at least 1 s. The URL then ends `expiresIn` after the window, which together keep to the bounds of
   * its life. Windows begin at multiples of their length since 1970, on every machine. A new signing key changes the URL.
   * Not with `validUntil`, nor with `maxDownloads`, which counts each URL by itself, nor for what can be revoked (see
   * `revocable`). Default: each call by itself.
   */
  readonly stableFor?: number | string
}

/** Options of a URL that uploads an object. */
export interface UploadOptions extends ValidityAndSubject {
  /** The largest size: bytes, or a text such as `'5mb'`. `0` allows an empty object only. Default: the mount's. */
  readonly maxSize?: number | string
  /** The types to take: `image/png`, `image/*`, `*\/*`. Empty takes none. Default: every type. */
  readonly allowedTypes?: readonly string[]
  /** Stores under a key that nobody can guess: a random suffix (128 bits) before the extension. Default `false`. */
  readonly addRandomSuffix?: boolean
  /** Whether an object that exists may be replaced. Default `false`. */
  readonly allowOverwrite?: boolean
  /** Replaces only the version with this strong ETag, quotes included; creates nothing. RFC 9110, section 8.8.3. */
  readonly ifMatch?: string
  /** `max-age` that the object will be served with, seconds, 0 to 31 536 000. */
  readonly cacheControlMaxAge?: number
  /** Who may read the object. Default `private`. */
  readonly visibility?: Visibility
  /** Passed on to the app with the upload, 1 to 2 048 bytes. Signed, not secret: whoever has the URL can read it. */
  readonly payload?: string
}
