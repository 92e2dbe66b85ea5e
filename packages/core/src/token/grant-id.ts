import { decodeBase64url, encodeBase64url } from './base64url.js'
import type { GrantFields } from './grant.js'
import { randomBytes } from './runtime.js'
import { withFields } from './with-fields.js'

/** 96 bits, which base64url writes as 16 characters. */
export const ID_BYTES = 12

/** A new id. */
export function newGrantId(): string {
  return encodeBase64url(randomBytes(ID_BYTES))
}

/**
 * Fields with an id, where they limit downloads or can be revoked: without one, two tokens that are minted alike would
 * share a count, and be revoked together.
 */
export function withGrantId(fields: GrantFields): GrantFields {
  const named = fields.maxDownloads !== undefined || fields.issuedAt !== undefined
  return !named || fields.id !== undefined ? fields : withFields(fields, { id: newGrantId() })
}

/** Whether a text can be what a token is revoked by: ids joined by dots, as `Grant` lists them. */
export function isGrantId(text: unknown): text is string {
  return typeof text === 'string' && text.split('.').every((id) => decodeBase64url(id)?.length === ID_BYTES)
}
