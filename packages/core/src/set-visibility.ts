import { resolveCapabilities } from './contracts/capabilities.js'
import type { GateSettings } from './http/gate-settings.js'
import { assertObjectKey, LatchkeyError, type Visibility } from './token/index.js'

/** See `Latchkey.setVisibility`. */
export async function setVisibility(
  key: string,
  visibility: Visibility,
  { storage, visibility: rule }: GateSettings,
): Promise<{ readonly visibility: Visibility }> {
  assertObjectKey(key)
  if (visibility !== 'public' && visibility !== 'private') {
    throw new LatchkeyError('invalid_option', "visibility must be 'public' or 'private'")
  }
  if (rule !== undefined) {
    throw new LatchkeyError(
      'invalid_option',
      rule === 'private'
        ? "this mount has no public objects: leave out the option visibility: 'private' to have some"
        : 'the visibility function of this mount decides: change what it looks at, or leave it out',
    )
  }
  if (!resolveCapabilities(storage.capabilities).visibility || storage.setVisibility === undefined) {
    throw new LatchkeyError(
      'invalid_option',
      'this storage cannot change the visibility: upload the object again, or give createLatchkey a visibility function',
    )
  }
  if (!(await storage.setVisibility(key, visibility))) {
    throw new LatchkeyError('not_found', `There is no object ${JSON.stringify(key)}`)
  }
  return { visibility }
}
