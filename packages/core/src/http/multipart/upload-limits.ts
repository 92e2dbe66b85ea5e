import { type Grant, type GrantFields, LatchkeyError } from '../../token/index.js'
import type { UploadLimitFields } from './session.js'

/**
 * What of a verified grant, or of fields about to be signed, limits an upload.
 *
 * @throws LatchkeyError `precondition_failed` for a grant that allows neither to create nor to replace
 */
export function limitsOfGrant(grant: Grant): UploadLimitFields {
  return { ...common(grant), ...lineageOf(grant), ...writeFields(grant) }
}

/** The same of fields that are about to be signed. */
export function limitsOfFields(fields: GrantFields): UploadLimitFields {
  const { allowOverwrite, id, ifMatch, issuedAt } = fields
  return {
    ...common(fields),
    ...(allowOverwrite !== undefined && { allowOverwrite }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(issuedAt !== undefined && id !== undefined && { id }),
  }
}

function common(source: Grant | GrantFields): UploadLimitFields {
  const { allowedTypes, cacheControlMaxAge, maxSize, payload, subject, visibility } = source
  return {
    ...(allowedTypes !== undefined && { allowedTypes }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(maxSize !== undefined && { maxSize }),
    ...(payload !== undefined && { payload }),
    ...(subject !== undefined && { subject }),
    ...(visibility === 'public' && { visibility }),
  }
}

/** What is revoked with the grant, an upload that it began must have from it. */
function lineageOf({ ids, issuedAt }: Grant): UploadLimitFields {
  if (issuedAt === undefined) return {}
  const [id, ...laterIds] = (ids.at(-1)?.id ?? '').split('.')
  return { issuedAt, ...(id !== undefined && { id }), laterIds }
}

function writeFields({ write }: Grant): UploadLimitFields {
  if (write.replace === 'any') return { allowOverwrite: true }
  if (write.replace !== 'none') return { ifMatch: write.replace.etag }
  if (write.create) return {}
  throw new LatchkeyError('precondition_failed', 'the token allows neither to create nor to replace')
}
