import { resolveCapabilities } from '../contracts/capabilities.js'
import type { SignedUrl } from '../latchkey.js'
import {
  encodeObjectKey,
  type FirstFields,
  type GrantFields,
  LatchkeyError,
  mint,
  withLaterIds,
} from '../token/index.js'
import { requireCountable } from './download-count.js'
import type { GateSettings } from './gate-settings.js'
import { idOf } from './id-of-fields.js'
import { READ_ONLY, requireStorableMetadata } from './storable-metadata.js'
import { reportMinted } from './watch/report-minted.js'

/**
 * A URL with a token of its own for one key, which goes out: it is told of.
 *
 * @param laterIds of what the token is to be revoked with, behind the first one's
 * @throws LatchkeyError `invalid_key`, `invalid_option`
 */
export async function signUrl(
  key: string,
  fields: FirstFields,
  settings: GateSettings,
  laterIds?: readonly string[],
): Promise<SignedUrl> {
  const signed = await draftUrl(key, fields, settings, laterIds)
  reportMinted(fields.operations?.includes('put') ? 'upload' : 'url', { key }, fields, settings)
  return signed
}

/** The same for one that only shows whether it can be signed, and goes nowhere. */
export async function draftUrl(
  key: string,
  fields: FirstFields,
  settings: GateSettings,
  laterIds?: readonly string[],
): Promise<SignedUrl> {
  requireCountable(fields, settings)
  const { keys, audience, baseUrl } = settings
  const token = await withLaterIds(await mint({ keys, audience, scope: { key }, fields }), laterIds)
  return {
    url: `${baseUrl}${encodeObjectKey(key)}?token=${token}`,
    expiresAt: new Date(fields.expires * 1000),
    ...idOf(fields),
  }
}

/**
 * Refuses to mint an upload that the storage could not hold to its limits.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireCapable(fields: GrantFields, settings: GateSettings): void {
  const { conditionalWrites, strongEtags, uploads } = resolveCapabilities(settings.storage.capabilities)
  if (!uploads) throw new LatchkeyError('invalid_option', READ_ONLY)
  if (fields.ifMatch !== undefined && !strongEtags) {
    throw new LatchkeyError('invalid_option', 'this storage has no strong ETags, so nothing can hold ifMatch')
  }
  // With a suffix of 128 random bits every upload has a key that nobody else has.
  const createsAnyway = fields.addRandomSuffix === true && fields.ifMatch === undefined
  if (!conditionalWrites && fields.allowOverwrite !== true && !createsAnyway) {
    throw new LatchkeyError(
      'invalid_option',
      'this storage cannot hold an upload to create-only or ifMatch; addRandomSuffix: true goes without, and ' +
        'allowOverwrite: true accepts that an object may be replaced',
    )
  }
  requireStorableMetadata(fields, settings)
}
