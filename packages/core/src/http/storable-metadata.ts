import { resolveCapabilities } from '../contracts/capabilities.js'
import { type GrantFields, LatchkeyError } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/**
 * Refuses what a storage without metadata could not keep, and what would be public where nothing may be.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireStorableMetadata(
  { visibility, cacheControlMaxAge }: Pick<GrantFields, 'cacheControlMaxAge' | 'visibility'>,
  { storage, visibility: rule }: GateSettings,
): void {
  if (rule === 'private' && visibility === 'public') {
    throw new LatchkeyError('invalid_option', "visibility: this mount is 'private' and has no public objects")
  }
  const able = resolveCapabilities(storage.capabilities)
  if (!able.visibility && visibility === 'public') {
    throw new LatchkeyError('invalid_option', 'this storage cannot keep visibility: all it has is private')
  }
  if (!able.metadata && cacheControlMaxAge !== undefined) {
    throw new LatchkeyError('invalid_option', 'this storage cannot keep cacheControlMaxAge')
  }
}

/** Why a storage takes no uploads. */
export const READ_ONLY =
  'this storage takes no uploads: its driver is read-only, see the options of the driver'
