import { type Grant, type GrantFields, LatchkeyError } from '../../token/index.js'
import type { UploadLimitFields } from './session.js'

/**
 * What of a verified grant, or of fields about to be signed, limits an upload.
 *
 * @throws LatchkeyError `precondition_failed` for a grant that allows neither to create nor to replace
 */
export function limitsOfGrant(grant: Grant): UploadLimitFields {
  return { ...common(grant), ...writeFields(grant) }
}

/** The same of fields that are about to be signed. */
export function limitsOfFields(fields: GrantFields): UploadLimitFields {
  const { allowOverwrite, ifMatch } = fields
  return {
    ...common(fields),
    ...(allowOverwrite !== undefined && { allowOverwrite }),
    ...(ifMatch !== undefined && { ifMatch }),
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

function writeFields({ write }: Grant): UploadLimitFields {
  if (write.replace === 'any') return { allowOverwrite: true }
  if (write.replace !== 'none') return { ifMatch: write.replace.etag }
  if (write.create) return {}
  throw new LatchkeyError('precondition_failed', 'the token allows neither to create nor to replace')
}
