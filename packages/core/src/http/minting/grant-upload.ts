import type { UploadIntent } from '../../contracts/authorize.js'
import { type FirstFields, grantFieldsForUpload, LatchkeyError, withRandomSuffix } from '../../token/index.js'
import { grantContext } from '../grant-context.js'
import { draftUrl, requireCapable } from '../sign-url.js'
import { faultOfApp } from './app-fault.js'
import { badRequest } from './bad-request.js'
import type { MintingCall } from './call.js'
import { decide, type Limits } from './decide.js'
import { narrowUpload } from './narrow-upload.js'

/** An upload that the hook allows. */
export interface GrantedUpload {
  /** Where the object goes, with its random suffix. */
  readonly key: string
  readonly fields: FirstFields
}

/**
 * Asks the hook about an upload, and narrows its limits to what was announced.
 *
 * @throws LatchkeyError `unauthorized`, `forbidden`, `not_found`, `bad_request`, `invalid_key`, `too_large`,
 *   `type_not_allowed`, `internal_error`
 */
export async function grantUpload(call: MintingCall, intent: UploadIntent): Promise<GrantedUpload> {
  const { settings } = call
  const limits = await decide(call, intent)
  const now = settings.now()
  const { addRandomSuffix, ...allowed } = await faultOfApp(async () => {
    const fields = grantFieldsForUpload(limits, grantContext(settings, now))
    // Without the suffix: the token will be for one key, and a second upload with it must not replace the first.
    const { addRandomSuffix: _, ...kept } = fields
    requireCapable(kept, settings)
    await draftUrl(chosenKey(limits) ?? ANY_KEY, fields, settings)
    return fields
  })
  const key = await placeOf(limits, intent, addRandomSuffix === true)
  const fields = narrowUpload(allowed, intent, { now, maxUploadSize: settings.maxUploadSize })
  return { key, fields }
}

/** The rules for keys take a text for granted. */
function chosenKey({ key }: Limits): string | undefined {
  if (key !== undefined && typeof key !== 'string') {
    throw new LatchkeyError('invalid_option', 'authorize returned a key that is no text')
  }
  return key
}

/** Stands in while limits are tried that choose none. */
const ANY_KEY = 'x'

/** The suffix is added here and not with the upload, so that the token is for one key and the client knows it. */
async function placeOf(limits: Limits, intent: UploadIntent, addRandomSuffix: boolean): Promise<string> {
  const chosen = limits.key
  if (intent.uploadId !== undefined) return placeOfBegun(chosen, intent.key)
  if (chosen !== undefined) {
    return faultOfApp(() => (addRandomSuffix ? withRandomSuffix(chosen) : chosen))
  }
  if (intent.key === undefined) throw badRequest('A key is needed here.')
  return addRandomSuffix ? withRandomSuffix(intent.key) : intent.key
}

/** An upload that was begun stays where it is: whoever may upload to another key may not go on with this one. */
function placeOfBegun(chosen: string | undefined, begun: string | undefined): string {
  if (begun === undefined) throw badRequest('The key of the upload is needed here.')
  if (chosen !== undefined && chosen !== begun) {
    throw new LatchkeyError('forbidden', 'authorize places uploads under another key than that of the upload')
  }
  return begun
}
