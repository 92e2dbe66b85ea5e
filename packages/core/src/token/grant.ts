/** What a token can allow to be done with an object; each is granted apart. */
export type Operation = 'delete' | 'get' | 'head' | 'put'

/** Who may read an object: `private` needs a token, `public` does not. */
export type Visibility = 'private' | 'public'

/** The objects that something is about: one, or all those whose keys begin with a prefix (`''`: all). */
export type Scope = { readonly key: string } | { readonly prefix: string }

/** How a reply presents itself: shown in place or saved, and under which name. RFC 6266. */
export interface Download {
  readonly disposition: 'attachment' | 'inline'
  /** 1 to 255 code points, no control character. */
  readonly filename?: string
}

/** Response headers that a signer may fix. Names in lower case. */
export type SignedHeaderName =
  | 'cache-control'
  | 'content-encoding'
  | 'content-language'
  | 'content-type'
  | 'expires'
  | 'x-robots-tag'

/** Response headers that a signer fixed: values of visible Latin-1 characters and inner spaces. */
export type SignedHeaders = Readonly<Partial<Record<SignedHeaderName, string>>>

/** An upload in parts, or one of its parts: a token that is pinned to it is good for nothing else. */
export interface UploadPin {
  /** The id that the storage knows the upload by: 1 to 512 characters of `A-Z a-z 0-9 _ . ~ -`. */
  readonly uploadId: string
  /** 1 to 10 000. Absent: the whole upload. */
  readonly partNumber?: number
}

/** What one block of a token says. A field that is absent says nothing: the blocks before it stay as they are. */
export interface GrantFields {
  /** Media types that may be uploaded: `image/png`, `image/*`, `*\/*`, in lower case. Empty: none. */
  readonly allowedTypes?: readonly string[]
  /**
   * Addresses and ranges that requests may come from, 1 to 64, ascending, each in its one spelling: `203.0.113.7`,
   * `10.0.0.0/8`, `2001:db8::/32`.
   */
  readonly allowedAddresses?: readonly string[]
  /** Seconds, 0 to 31 536 000. */
  readonly cacheControlMaxAge?: number
  readonly download?: Download
  /** Unix seconds; the token is valid before it. Required in the first block. */
  readonly expires?: number
  /** A strong ETag with its quotes: only this version may be replaced or removed. RFC 9110, section 8.8.3. */
  readonly ifMatch?: string
  /**
   * Unix seconds: the token can be revoked, and was issued then. First block only, with an `id`, which is made up if it
   * is absent.
   */
  readonly issuedAt?: number
  readonly responseHeaders?: SignedHeaders
  /**
   * 16 base64url characters (12 random bytes) that tell this block from every other. Beside `maxDownloads` one is made up
   * if it is absent.
   */
  readonly id?: string
  /** How many times this token, and those made from it, may be used to download: 1 to 2^53 - 1. */
  readonly maxDownloads?: number
  /** Bytes, 0 to 2^53 - 1. */
  readonly maxSize?: number
  /** Unix seconds; the token is valid from then on. */
  readonly notBefore?: number
  /** Not empty. Required in the first block. */
  readonly operations?: readonly Operation[]
  /** Uploads may create, never replace. */
  readonly createOnly?: true
  /** Uploads go to a key with a random suffix. */
  readonly addRandomSuffix?: true
  /** Whom the token was made for; 1 to 256 bytes. First block only. */
  readonly subject?: string
  readonly pin?: UploadPin
  /** Passed on to the app with the upload; 1 to 2 048 bytes. First block only. */
  readonly payload?: string
  readonly visibility?: Visibility
  /** Uploads may replace. */
  readonly allowOverwrite?: boolean
  /** Whether the next block may set `cacheControlMaxAge`, `download` and `responseHeaders`. */
  readonly overrides?: boolean
  /** Seconds that a client may come back for the rest of a download, 1 to 604 800. Only beside `maxDownloads`. */
  readonly resumeWindow?: number
  /** An object is sent to a POST that confirms it; a GET gets a page that asks. */
  readonly confirm?: true
}

/** What may be replaced or removed: any object, none, or one version of it. */
export type VersionRule = 'any' | 'none' | { readonly etag: string }

/** How many downloads one block of a token allows; each limit counts apart. */
export interface DownloadLimit {
  /**
   * 22 characters to count by. It follows from the block and all before it, however they came here: tokens that
   * were made from one another share it, two tokens minted alike do not. It opens nothing.
   */
  readonly id: string
  /** 1 to 2^53 - 1. */
  readonly limit: number
  /**
   * Unix seconds; no token with this limit is valid from then on, so the count may be forgotten. Not the end of
   * the token at hand, which its holder may have brought forward to make the count forgotten earlier.
   */
  readonly expiresAt: number
  /** Seconds in which the same client may come back for parts of a download that was counted. Absent: each counts. */
  readonly resumeWindow?: number
}

/** What a token, and all that was made from it, can be revoked by. */
export interface GrantId {
  /**
   * The ids of the block and of those before it that have one, joined by dots: 16 characters, then 17 more for each. So
   * who narrows a token chooses names within that token's own alone.
   */
  readonly id: string
  /** Unix seconds; no token with this id is valid from then on. Not the end of the token at hand: see `DownloadLimit`. */
  readonly expiresAt: number
}

/** What a whole token allows: its blocks, each narrowed by those behind it. */
export interface Grant {
  /** Id of the signing key. */
  readonly kid: string
  /** In alphabetical order; may be empty. */
  readonly operations: readonly Operation[]
  readonly scope: Scope
  /** Unix seconds; valid before it. */
  readonly expiresAt: number
  /** Unix seconds; valid from then on. */
  readonly notBefore?: number
  /** Bytes; absent: no limit of the token's. `0` allows empty objects only. */
  readonly maxSize?: number
  /** Absent: every type. Empty: none. */
  readonly allowedTypes?: readonly string[]
  /** The addresses and ranges that requests may come from. Absent: any. Empty: none. */
  readonly allowedAddresses?: readonly string[]
  /** What a `put` may do: create an object where there is none, and which one it may replace. */
  readonly write: { readonly create: boolean; readonly replace: VersionRule }
  /** Which version a `delete` may remove. */
  readonly remove: VersionRule
  readonly addRandomSuffix: boolean
  /** The upload in parts, or the part of one, that the token is for. Absent: any. */
  readonly pin?: UploadPin
  /** What an upload becomes. */
  readonly visibility: Visibility
  /** Seconds. */
  readonly cacheControlMaxAge?: number
  readonly download?: Download
  readonly responseHeaders?: SignedHeaders
  readonly payload?: string
  readonly subject?: string
  /** Unix seconds. Present: the token can be revoked, and whoever takes it must look. Absent: nobody has to. */
  readonly issuedAt?: number
  /** Of each block that has one, in their order. */
  readonly ids: readonly GrantId[]
  /** Each must have a use left for a download. In the order of the blocks; empty: no limit. */
  readonly downloadLimits: readonly DownloadLimit[]
  /** Whether a download must be confirmed with a POST. Absent: no. */
  readonly confirm?: true
}
