import { decodeText, encodeText } from './base64url.js'
import { decimal, type Spelling } from './field-values.js'
import type { UploadPin } from './grant.js'

const UPLOAD_ID = /^[A-Za-z0-9_.~-]{1,512}$/

const part = decimal(1, 10_000)

/** `uploadId`, or `uploadId:partNumber`, as base64url. No id has a colon, so each pin is spelled in one way. */
export const pin: Spelling<UploadPin> = {
  read(encoded) {
    const text = decodeText(encoded)
    if (text === undefined) return undefined
    const colon = text.indexOf(':')
    const uploadId = colon === -1 ? text : text.slice(0, colon)
    if (!UPLOAD_ID.test(uploadId)) return undefined
    if (colon === -1) return { uploadId }
    const digits = text.slice(colon + 1)
    const partNumber = digits === '' ? undefined : part.read(digits)
    return partNumber === undefined ? undefined : { uploadId, partNumber }
  },
  write({ uploadId, partNumber }) {
    if (typeof uploadId !== 'string' || !UPLOAD_ID.test(uploadId)) return undefined
    if (partNumber === undefined) return encodeText(uploadId)
    const digits = part.write(partNumber)
    return digits === undefined ? undefined : encodeText(`${uploadId}:${digits}`)
  },
}

/** The later of two pins, where it is for the same upload and no wider; `undefined` where it is not. */
export function narrowerPin(earlier: UploadPin | undefined, later: UploadPin): UploadPin | undefined {
  if (earlier === undefined) return later
  if (earlier.uploadId !== later.uploadId) return undefined
  return earlier.partNumber === undefined || earlier.partNumber === later.partNumber ? later : undefined
}
