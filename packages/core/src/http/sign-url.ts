import type { SignedUrl } from '../latchkey.js'
import { encodeObjectKey, type FirstFields, type GrantFields, LatchkeyError, mint } from '../token/index.js'
import { requireCountable } from './download-count.js'
import type { GateSettings } from './gate-settings.js'
import { requireStorableMetadata } from './storable-metadata.js'

/**
 * A URL with a token of its own for one key.
 *
 * @throws LatchkeyError `invalid_key`, `invalid_option`
 */
export async function signUrl(key: string, fields: FirstFields, settings: GateSettings): Promise<SignedUrl> {
  requireCountable(fields, settings)
  const { keys, audience, baseUrl } = settings
  const token = await mint({ keys, audience, scope: { key }, fields })
  return {
    url: `${baseUrl}${encodeObjectKey(key)}?token=${token}`,
    expiresAt: new Date(fields.expires * 1000),
  }
}

/**
 * Refuses to mint an upload that the storage could not hold to its limits.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireCapable(fields: GrantFields, settings: GateSettings): void {
  if (!settings.storage.capabilities.conditionalWrites && fields.allowOverwrite !== true) {
    throw new LatchkeyError(
      'invalid_option',
      'this storage cannot hold an upload to create-only or ifMatch; allowOverwrite: true accepts that',
    )
  }
  requireStorableMetadata(fields, settings)
}
