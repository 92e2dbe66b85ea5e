import type { StableOption, UrlOptions, ValidityAndSubject } from './grant-options.js'

/** Options of what opens a whole tree: every object below a prefix, to read. */
export interface TreeOptions
  extends ValidityAndSubject,
    StableOption,
    Pick<UrlOptions, 'cacheControlMaxAge'> {
  /** Whether each object is saved rather than shown. Default: types that can run script are saved. RFC 6266. */
  readonly download?: boolean
  /** Headers of every reply, as for a URL, but for `content-type` and `content-encoding`, which differ by object. */
  readonly responseHeaders?: Readonly<Record<string, string>>
  /** Must be `true` where the prefix is `''`, which opens every object of the mount; not allowed with another prefix. */
  readonly wholeMount?: boolean
}

/** Options of a tree URL. */
export interface TreeUrlOptions extends TreeOptions {
  /** The object to begin with, named from the prefix on: `index.m3u8`. Default: the URL ends with the prefix. */
  readonly entry?: string
  /**
   * How many downloads the URL is good for, 1 to 2^53 - 1: every GET that is answered with bytes counts, each playlist
   * and each segment. Needs a ledger. Default: as many as its time allows.
   */
  readonly maxDownloads?: number
}

/** Options of a signed cookie. Its `responseHeaders` do not have `cache-control` and `expires` either. */
export interface CookieOptions extends TreeOptions {
  /**
   * Whether pages of other sites make the browser send it: `lax` with links that are followed, `strict` never, `none`
   * always, which needs HTTPS. Default `lax`. RFC 6265bis, section 5.6.7.
   */
  readonly sameSite?: 'lax' | 'none' | 'strict'
  /** The domain whose hosts all get it, such as `example.com`. Default: the host alone that sets it. */
  readonly domain?: string
  /** Whether it is sent over HTTPS alone. Default `true`, unless `baseUrl` begins with `http:`. */
  readonly secure?: boolean
}
