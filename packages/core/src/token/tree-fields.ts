import { type FirstFields, type GrantContext, grantFieldsForUrl } from './grant-fields.js'
import { invalid, isOn } from './option-values.js'
import type { CookieOptions, TreeOptions, TreeUrlOptions } from './tree-options.js'

/** The options of every tree; the compiler keeps the lists whole. */
const TREE_OPTIONS: Readonly<Record<keyof TreeOptions, true>> = {
  allowedAddresses: true,
  cacheControlMaxAge: true,
  download: true,
  expiresIn: true,
  notBefore: true,
  responseHeaders: true,
  revocable: true,
  stableFor: true,
  subject: true,
  validUntil: true,
  wholeMount: true,
}

/** The options of a tree URL. */
export const TREE_URL_OPTIONS: Readonly<Record<keyof TreeUrlOptions, true>> = {
  ...TREE_OPTIONS,
  entry: true,
  maxDownloads: true,
}

/** The options of a signed cookie. */
export const COOKIE_OPTIONS: Readonly<Record<keyof CookieOptions, true>> = {
  ...TREE_OPTIONS,
  domain: true,
  sameSite: true,
  secure: true,
}

/** Headers that say something of one object, and would be wrong of another. */
const OF_ONE_OBJECT: readonly string[] = ['content-type', 'content-encoding']

/** Headers that could have what a cookie opens kept by caches that look at the URL alone. */
const OF_CACHES: readonly string[] = ['cache-control', 'expires']

/**
 * The fields of the grant in a cookie.
 *
 * @throws LatchkeyError as `grantFieldsForTree`
 */
export function grantFieldsForCookie(
  prefix: string,
  options: CookieOptions,
  context: GrantContext,
): FirstFields {
  for (const name of Object.keys(options.responseHeaders ?? {})) {
    if (OF_CACHES.includes(name.toLowerCase())) {
      throw invalid(`responseHeaders must not have '${name}': what a cookie opens stays private`)
    }
  }
  return grantFieldsForTree(prefix, options, context)
}

/**
 * The fields of a grant to read every object below a prefix.
 *
 * @throws LatchkeyError `invalid_option`, also for the empty prefix without `wholeMount`
 */
export function grantFieldsForTree(
  prefix: string,
  options: TreeUrlOptions,
  context: GrantContext,
): FirstFields {
  isOn(options.download, 'download')
  for (const name of Object.keys(options.responseHeaders ?? {})) {
    if (OF_ONE_OBJECT.includes(name.toLowerCase())) {
      throw invalid(`responseHeaders must not have '${name}': it would hold for every object`)
    }
  }
  // A prefix that came out empty by mistake must not open everything.
  if (isOn(options.wholeMount, 'wholeMount') !== (prefix === '')) {
    throw invalid("wholeMount: true goes with the prefix '', which opens every object, and with no other")
  }
  return grantFieldsForUrl(options, context)
}
