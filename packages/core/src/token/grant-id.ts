import { encodeBase64url } from './base64url.js'
import type { GrantFields } from './grant.js'
import { randomBytes } from './runtime.js'

/** 96 bits, which base64url writes as 16 characters. */
export const ID_BYTES = 12

/** Fields that limit downloads, with an id: without one, two tokens that are minted alike would share a count. */
export function withGrantId(fields: GrantFields): GrantFields {
  if (fields.maxDownloads === undefined || fields.id !== undefined) return fields
  return { ...fields, id: encodeBase64url(randomBytes(ID_BYTES)) }
}
