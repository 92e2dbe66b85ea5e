import type { GateReply, GateRequest } from './contracts/gate.js'
import type { StorageDriver } from './contracts/storage-driver.js'
import type { RouteUrlOptions } from './http/routes/route-options.js'
import type { RouteVerdict } from './http/routes/verify-route.js'
import type { RevokeOptions } from './revoke-options.js'
import type { SigningKeys } from './signing-keys.js'
import type {
  CookieOptions,
  DelegationOptions,
  SignedToken,
  SignedUrl,
  TreeUrlOptions,
  UploadOptions,
  UrlOptions,
  Visibility,
} from './token/index.js'

export type { SignedUrl }

/** A signed URL to upload to, and how to use it. */
export interface SignedUpload extends SignedUrl {
  /** The request method that the URL is for: `POST` with `uploads: 'direct'`, where it announces what comes. */
  readonly method: 'POST' | 'PUT'
}

/** A cookie that opens a tree to the browser that has it. */
export interface SignedCookie {
  readonly name: string
  readonly value: string
  /** Below it the browser sends the cookie. Spelled as the URLs of Latchkey are. */
  readonly path: string
  /** Absent: the host alone that sets it. */
  readonly domain?: string
  /** What it opens: ends with the prefix, and needs no token. */
  readonly url: string
  /** From this moment on the cookie is refused. */
  readonly expiresAt: Date
  /** What it can be revoked by. Absent: it cannot be revoked by itself. */
  readonly id?: string
  /** The value of a `Set-Cookie` header: with `HttpOnly`, `SameSite`, `Max-Age`, and `Secure` over HTTPS. RFC 6265. */
  readonly header: string
}

/** What `createLatchkey` returns: mints URLs, and answers the requests that come back with them. */
export interface Latchkey {
  /**
   * Mints a URL that lets its holder read one object or, with `operations`, remove it. The object need not exist.
   *
   * @param key the name of the object: no leading slash, at most 1 024 bytes of UTF-8
   * @throws LatchkeyError `invalid_key`, `invalid_option`
   */
  signedUrl(key: string, options?: UrlOptions): Promise<SignedUrl>
  /**
   * Mints a URL that lets its holder upload one object with a `PUT`. It creates only, unless told otherwise, and
   * takes at most the mount's `maxUploadSize`. With `uploads: 'direct'` it is announced with a `POST`, and the bytes go to the
   * storage itself.
   *
   * @throws LatchkeyError `invalid_key`; `invalid_option`, also where the storage cannot do what is asked for
   */
  signedUploadUrl(key: string, options?: UploadOptions): Promise<SignedUpload>
  /**
   * Mints a URL that lets its holder read every object below a prefix: an HLS playlist with its segments, a page with its
   * images. Its token is the first segment of the path, so that relative references inherit it:
   * `new URL('index.m3u8', url)` and what that playlist names are opened by the same token. It ends with the prefix,
   * or with `entry` below it, and serves GET and HEAD alone.
   *
   * @param prefix whole segments, each with its slash behind it (`videos/42/`)
   * @throws LatchkeyError `invalid_key`, also for a prefix without its slash; `invalid_option`
   */
  signedTreeUrl(prefix: string, options?: TreeUrlOptions): Promise<SignedUrl>
  /**
   * Signs a cookie that lets the browser that gets it read every object below a prefix, at plain URLs without a token.
   * Your app sends `header` as `Set-Cookie`, from a host whose cookies the mount's host gets. It serves GET and HEAD
   * alone, so that no page of another site can have something written.
   *
   * @param prefix whole segments, each with its slash behind it (`videos/42/`)
   * @throws LatchkeyError `invalid_key`, also for a prefix without its slash; `invalid_option`
   */
  signedCookie(prefix: string, options?: CookieOptions): Promise<SignedCookie>
  /**
   * Issues a delegation: whoever holds it signs URLs within its limits with `presignUrl`, anywhere, without asking again.
   *
   * @throws LatchkeyError `invalid_key`; `invalid_option`, also where an option does not fit the operations, and where the
   *   storage cannot do what is asked for
   */
  issueSignedToken(options: DelegationOptions): Promise<SignedToken>
  /**
   * Makes an object public or private, whatever it was uploaded as. It takes effect on the next request; what a cache
   * holds of a public object stays there for as long as it was told. Doing it again changes nothing.
   *
   * Bytes, type and cache age stay as they are; ETag and time do with the drivers of `@latchkey/drivers`. Beside an upload
   * to the same key it is done before or after that: only after it to what was uploaded.
   *
   * @throws LatchkeyError `not_found` where there is no such object; `invalid_key`; `invalid_option`, also where the
   *   storage cannot, and where the option `visibility` decides; and what the storage fails with
   */
  setVisibility(key: string, visibility: Visibility): Promise<{ readonly visibility: Visibility }>
  /**
   * Signs a URL for a route of the app that a guard (`signed(files)` of the adapter) stands before: it lets that very
   * method, path and query through, and nothing else.
   *
   * @param target the path and query as the app receives them, percent-encoded (RFC 9112, section 3.2.1): `/unsubscribe?user=7`.
   *   Not below the mount. At most 4 096 characters, without fragment, dot segments, or a parameter `token`
   * @throws LatchkeyError `invalid_option`
   */
  signUrl(target: string, options?: RouteUrlOptions): Promise<SignedUrl>
  /**
   * Decides whether a request may go on to the signed route that it asks for. Guards call it; an app has no need to.
   * `request.path` is the whole raw request target, as it came before any router cut it. The body is not read.
   */
  verifyRoute(request: GateRequest): Promise<RouteVerdict>
  /**
   * Revokes what was signed, at once in every process that shares the ledger: from now on it is refused as `revoked`. What
   * is being sent, or stored, goes on. Only what can be revoked is (`UrlOptions.revocable`).
   *
   * A subject and a prefix can be used again: what is issued 2 s later is good, so the clocks of processes that mint must
   * agree to 1 s. The rest is for good. A revocation is kept until all that it is about has expired, going by this
   * mount's `expiry.maximum` and `multipart.ttl`: give the processes that share a ledger the same. One of a signing key
   * is never forgotten.
   *
   * @throws LatchkeyError `invalid_option`: not exactly one thing to revoke; a URL that is not this mount's, or cannot be
   *   revoked; no ledger. `invalid_key`. `ledger_unavailable`: the ledger gave no answer, so revoke again
   */
  revoke(what: RevokeOptions): Promise<void>
  /** The signing keys, which can be changed while the mount serves. */
  readonly keys: SigningKeys
  /** Decides a request to the mount. Adapters call it; an app has no need to. */
  handle(request: GateRequest): Promise<GateReply>
  /** The storage that was given. */
  readonly storage: StorageDriver
}
