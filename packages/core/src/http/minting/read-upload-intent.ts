import type { UploadIntent } from '../../contracts/authorize.js'
import { assertObjectKey, parseMediaType } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { badRequest } from './bad-request.js'
import { flagOf, lifeOf, type Properties, textOf, wholeOf } from './properties.js'
import { NO_PARTS, takesParts } from './upload-sessions.js'

const LONGEST_TYPE = 255
const LONGEST_PAYLOAD = 2048
/** Of a token, which the id of an upload is. */
const LONGEST_UPLOAD_ID = 4096

/**
 * Reads what is announced of an upload. A property that the route does not have is absent here.
 *
 * @throws LatchkeyError `bad_request`, `invalid_key`
 */
export function readUploadIntent(properties: Properties, settings: GateSettings): UploadIntent {
  const contentType = typeOf(properties.contentType)
  const size = wholeOf(properties.size, 'size', 0, Number.MAX_SAFE_INTEGER)
  const payload = textOf(properties.payload, 'payload', LONGEST_PAYLOAD)
  const uploadId = uploadIdOf(properties.uploadId)
  const expiresIn = lifeOf(properties.expiresIn, 'expiresIn', settings.expiry)
  const multipart = flagOf(properties.multipart, 'multipart') || uploadId !== undefined
  if (multipart && !takesParts(settings)) throw badRequest(NO_PARTS)
  return {
    operation: 'put',
    key: properties.key === undefined ? undefined : keyOf(properties.key, 'key'),
    multipart,
    ...(contentType !== undefined && { contentType }),
    ...(size !== undefined && { size }),
    ...(payload !== undefined && { payload }),
    ...(uploadId !== undefined && { uploadId }),
    ...(expiresIn !== undefined && { expiresIn }),
  }
}

/**
 * A key out of a body. It is decoded already, so it is checked and not decoded.
 *
 * @throws LatchkeyError `bad_request` where it is no text, `invalid_key` where it is no key
 */
export function keyOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw badRequest(`${name} must be a text.`)
  assertObjectKey(value)
  return value
}

/** Browsers say `''` of a file whose type they do not know, which is to say nothing. */
function typeOf(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string' || value.length > LONGEST_TYPE || parseMediaType(value) === null) {
    throw badRequest('contentType must be one media type, such as image/png.')
  }
  return value
}

function uploadIdOf(value: unknown): string | undefined {
  const uploadId = textOf(value, 'uploadId', LONGEST_UPLOAD_ID)
  if (uploadId !== undefined && !/^[\w.~-]+$/.test(uploadId))
    throw badRequest('uploadId is not one of an upload.')
  return uploadId
}
