import type { SignedUrl } from '../latchkey.js'
import {
  assertKnownOptions,
  assertObjectKey,
  encodeObjectKey,
  type GrantContext,
  grantFieldsForTree,
  mint,
  TREE_URL_OPTIONS,
  type TreeUrlOptions,
} from '../token/index.js'
import { requireCountable } from './download-count.js'
import type { GateSettings } from './gate-settings.js'
import { idOf } from './id-of-fields.js'
import { reportMinted } from './watch/report-minted.js'

/**
 * A URL with its token in the path, in front of a prefix, so that relative references below the prefix inherit it.
 *
 * @throws LatchkeyError `invalid_key`, `invalid_option`
 */
export async function signTreeUrl(
  prefix: string,
  options: TreeUrlOptions,
  settings: GateSettings,
  context: GrantContext,
): Promise<SignedUrl> {
  assertKnownOptions(options, TREE_URL_OPTIONS)
  const { entry = '' } = options
  const fields = grantFieldsForTree(prefix, options, context)
  requireCountable(fields, settings)
  if (options.entry !== undefined) assertObjectKey(`${prefix}${entry}`)
  const { keys, audience, baseUrl } = settings
  const token = await mint({ keys, audience, scope: { prefix }, fields })
  reportMinted('tree', { prefix }, fields, settings)
  return {
    url: `${baseUrl}/${token}${encodeObjectKey(`${prefix}${entry}`)}`,
    expiresAt: new Date(fields.expires * 1000),
    ...idOf(fields),
  }
}
