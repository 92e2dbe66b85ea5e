import type { ReadIntent } from '../../contracts/authorize.js'
import type { SignedUrl } from '../../latchkey.js'
import { grantFieldsForUrl, LatchkeyError } from '../../token/index.js'
import { grantContext } from '../grant-context.js'
import { draftUrl } from '../sign-url.js'
import { faultOfApp } from './app-fault.js'
import type { MintingCall } from './call.js'
import { decide } from './decide.js'
import { narrowUrl } from './narrow-url.js'
import { signNarrowed } from './sign-narrowed.js'

/**
 * Mints a URL that reads or removes an object, if the hook allows it. Whether the object exists is looked up, and
 * told, only then. The limits are first signed as they are: what is wrong with them shows whatever was asked for.
 *
 * @throws LatchkeyError `unauthorized`, `forbidden`, `not_found`, `bad_request`, `internal_error`
 */
export async function mintUrl(call: MintingCall, intent: ReadIntent): Promise<SignedUrl> {
  const { settings } = call
  const limits = await decide(call, intent)
  const now = settings.now()
  const allowed = await faultOfApp(async () => {
    const fields = grantFieldsForUrl(limits, grantContext(settings, now))
    await draftUrl(intent.key, fields, settings)
    return fields
  })
  const fields = narrowUrl(allowed, intent, now)
  if ((await settings.storage.stat(intent.key)) === null) {
    throw new LatchkeyError('not_found', 'there is no object to mint a URL for')
  }
  return signNarrowed(intent.key, fields, settings)
}
