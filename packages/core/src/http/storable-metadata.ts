import { type GrantFields, LatchkeyError } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/**
 * Refuses what a storage without metadata could not keep.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireStorableMetadata(
  { visibility, cacheControlMaxAge }: Pick<GrantFields, 'cacheControlMaxAge' | 'visibility'>,
  { storage }: GateSettings,
): void {
  if (!storage.capabilities.metadata && (visibility === 'public' || cacheControlMaxAge !== undefined)) {
    throw new LatchkeyError('invalid_option', 'this storage cannot keep visibility or cacheControlMaxAge')
  }
}
