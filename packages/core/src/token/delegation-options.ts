import type { Operation } from './grant.js'
import type { UploadOptions, UrlOptions } from './grant-options.js'

/** What a delegation is about: one object, or all whose keys begin with a prefix. */
export type DelegationScope =
  | { readonly key: string; readonly prefix?: never }
  /** Whole segments, each with its slash behind it (`users/42/`); `''` for every key of the mount. */
  | { readonly prefix: string; readonly key?: never }

/**
 * Options of a delegation. Its holder can narrow each of them URL by URL, and widen none. Those of uploads need the
 * operation `put`, `maxDownloads` needs `get`, and `ifMatch` one of `put` and `delete`.
 */
export type DelegationOptions = DelegationScope &
  DelegationLimits &
  Omit<UploadOptions, 'ifMatch'> &
  Pick<UrlOptions, 'download' | 'responseHeaders'>

/** What a delegation has that no URL has, or has differently. */
export interface DelegationLimits {
  /** What its URLs may be for. Default `get` and `head`. */
  readonly operations?: readonly Operation[]
  /** Only the version with this strong ETag, quotes included, may be replaced or removed; nothing is created. */
  readonly ifMatch?: string
  /**
   * How many downloads all its URLs together are good for, 1 to 2^53 - 1. Needs a ledger. Default: as many as its
   * time allows.
   */
  readonly maxDownloads?: number
  /**
   * How long the client of a download that was counted may come back for parts of it at no cost, as far as the
   * delegation's own limit goes: whole seconds or a text such as `'10m'`, 1 s to 7 days. Only beside `maxDownloads`.
   */
  readonly resumeWindow?: number | string
  /** Whether whoever opens one of its URLs is asked first. Needs `get`. Default `false`: a URL may say so by itself. */
  readonly confirm?: boolean
  /**
   * Whether its URLs may say for themselves how an object is presented: `download` and `cacheControlMaxAge`. Default
   * `false`: a holder who may could have an uploaded page shown in place, as a page of your origin, under any name.
   */
  readonly overrides?: boolean
}
