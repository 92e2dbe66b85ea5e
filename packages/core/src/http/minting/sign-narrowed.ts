import type { SignedUrl } from '../../latchkey.js'
import { type FirstFields, LatchkeyError } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { signUrl } from '../sign-url.js'
import { badRequest } from './bad-request.js'

/**
 * Signs what is left of limits that can be signed by themselves. So where it cannot, the client asked for too much.
 *
 * @throws LatchkeyError `bad_request`
 */
export async function signNarrowed(
  key: string,
  fields: FirstFields,
  settings: GateSettings,
): Promise<SignedUrl> {
  try {
    return await signUrl(key, fields, settings)
  } catch (error) {
    if (!(error instanceof LatchkeyError && error.code === 'invalid_option')) throw error
    throw badRequest('What is asked for does not fit into a URL.', error)
  }
}
