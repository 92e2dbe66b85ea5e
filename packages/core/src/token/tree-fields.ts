import { type FirstFields, type GrantContext, grantFieldsForUrl } from './grant-fields.js'
import { invalid, isOn } from './option-values.js'
import type { TreeUrlOptions } from './tree-options.js'

/** The options of a tree URL; the compiler keeps the list whole. */
export const TREE_URL_OPTIONS: Readonly<Record<keyof TreeUrlOptions, true>> = {
  cacheControlMaxAge: true,
  download: true,
  entry: true,
  expiresIn: true,
  maxDownloads: true,
  notBefore: true,
  responseHeaders: true,
  subject: true,
  validUntil: true,
  wholeMount: true,
}

/** Headers that say something of one object, and would be wrong of another. */
const OF_ONE_OBJECT: readonly string[] = ['content-type', 'content-encoding']

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
