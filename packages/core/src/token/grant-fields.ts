import { type ExpiryBounds, validity } from './expiry.js'
import { isSignedHeaderName, isSignedHeaderValue } from './field-lists.js'
import { isStrongEtag } from './field-values.js'
import type { Download, GrantFields, SignedHeaderName, SignedHeaders } from './grant.js'
import type { UploadOptions, UrlOptions } from './grant-options.js'
import { assertKnownOptions } from './known-options.js'
import { LatchkeyError } from './latchkey-error.js'
import { isTypePattern } from './media-type.js'
import { parseSize } from './size.js'

const URL_OPTIONS: Readonly<Record<keyof UrlOptions, true>> = {
  cacheControlMaxAge: true,
  download: true,
  expiresIn: true,
  ifMatch: true,
  notBefore: true,
  operations: true,
  responseHeaders: true,
  subject: true,
  validUntil: true,
}

const UPLOAD_OPTIONS: Readonly<Record<keyof UploadOptions, true>> = {
  addRandomSuffix: true,
  allowedTypes: true,
  allowOverwrite: true,
  cacheControlMaxAge: true,
  expiresIn: true,
  ifMatch: true,
  maxSize: true,
  notBefore: true,
  payload: true,
  subject: true,
  validUntil: true,
  visibility: true,
}

/** What options are read against. */
export interface GrantContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Bounds of a token's life; `expiryBounds()` gives the usual ones. */
  readonly bounds: ExpiryBounds
}

/** The fields of a first block, which always says when it ends. */
export type FirstFields = GrantFields & { readonly expires: number }

/**
 * The fields of a grant to read or remove an object.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function grantFieldsForUrl(options: UrlOptions, { now, bounds }: GrantContext): FirstFields {
  assertKnownOptions(options, URL_OPTIONS)
  const {
    operations = ['get', 'head'],
    download,
    cacheControlMaxAge,
    responseHeaders,
    ifMatch,
    subject,
  } = options
  if (operations.includes('put')) throw invalid('operations must not have put; use an upload URL')
  if (ifMatch !== undefined && !operations.includes('delete'))
    throw invalid('ifMatch needs the operation delete')
  return {
    ...validity(options, now, bounds),
    operations,
    ...(download !== undefined && { download: downloadOf(download) }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(responseHeaders !== undefined && { responseHeaders: headersOf(responseHeaders) }),
    ...(ifMatch !== undefined && { ifMatch: etagOf(ifMatch) }),
    ...(subject !== undefined && { subject }),
  }
}

/**
 * The fields of a grant to upload an object.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function grantFieldsForUpload(options: UploadOptions, { now, bounds }: GrantContext): FirstFields {
  assertKnownOptions(options, UPLOAD_OPTIONS)
  const { addRandomSuffix, allowOverwrite, allowedTypes, cacheControlMaxAge, ifMatch, maxSize } = options
  const { payload, subject, visibility } = options
  if (ifMatch !== undefined && (addRandomSuffix === true || allowOverwrite === false)) {
    throw invalid('ifMatch replaces an object, which addRandomSuffix or allowOverwrite: false rules out')
  }
  return {
    ...validity(options, now, bounds),
    operations: ['put'],
    ...(allowedTypes !== undefined && { allowedTypes: allowedTypes.map(typePatternOf) }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(ifMatch !== undefined && { ifMatch: etagOf(ifMatch) }),
    ...(maxSize !== undefined && { maxSize: parseSize(maxSize, 'maxSize') }),
    ...(isOn(addRandomSuffix, 'addRandomSuffix') && { addRandomSuffix: true as const }),
    ...(subject !== undefined && { subject }),
    ...(payload !== undefined && { payload }),
    ...(visibility !== undefined && visibility !== 'private' && { visibility }),
    ...(isOn(allowOverwrite, 'allowOverwrite') && { allowOverwrite: true }),
  }
}

function downloadOf(download: boolean | string): Download {
  if (typeof download === 'boolean') return { disposition: download ? 'attachment' : 'inline' }
  return { disposition: 'attachment', filename: download }
}

function headersOf(headers: Readonly<Record<string, string>>): SignedHeaders {
  const signed: Partial<Record<SignedHeaderName, string>> = {}
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (!isSignedHeaderName(name)) throw invalid(`responseHeaders must not have '${given}'`)
    if (name in signed) throw invalid(`responseHeaders has '${name}' twice`)
    if (!isSignedHeaderValue(name, value))
      throw invalid(`responseHeaders['${given}'] is no value that can be sent`)
    signed[name] = value
  }
  return signed
}

function typePatternOf(given: string): string {
  const type = given.toLowerCase()
  if (!isTypePattern(type))
    throw invalid(`allowedTypes must be like image/png, image/* or */*, not '${given}'`)
  return type
}

function etagOf(ifMatch: string): string {
  if (!isStrongEtag(ifMatch)) throw invalid('ifMatch must be one strong ETag with its quotes')
  return ifMatch
}

// Strictly a boolean: 'false', from a form or an environment variable, would otherwise switch something on.
function isOn(value: boolean | undefined, name: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${name} must be true or false`)
  return value === true
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
