import { addressesOf } from './allowed-addresses.js'
import { type ExpiryBounds, validity } from './expiry.js'
import type { GrantFields } from './grant.js'
import type { UploadOptions, UrlOptions } from './grant-options.js'
import {
  countOf,
  downloadOf,
  etagOf,
  headersOf,
  invalid,
  isOn,
  resumeWindowOf,
  typePatternOf,
} from './option-values.js'
import { revocationFields } from './revocation-fields.js'
import { parseSize } from './size.js'

/** The options of a URL that reads or removes; the compiler keeps the list whole. */
export const URL_OPTIONS: Readonly<Record<keyof UrlOptions, true>> = {
  allowedAddresses: true,
  cacheControlMaxAge: true,
  confirm: true,
  download: true,
  expiresIn: true,
  ifMatch: true,
  maxDownloads: true,
  notBefore: true,
  operations: true,
  responseHeaders: true,
  revocable: true,
  stableFor: true,
  resumeWindow: true,
  subject: true,
  validUntil: true,
}

/** The options of an upload URL. */
export const UPLOAD_OPTIONS: Readonly<Record<keyof UploadOptions, true>> = {
  addRandomSuffix: true,
  allowedAddresses: true,
  allowedTypes: true,
  allowOverwrite: true,
  cacheControlMaxAge: true,
  expiresIn: true,
  ifMatch: true,
  maxSize: true,
  notBefore: true,
  payload: true,
  revocable: true,
  subject: true,
  validUntil: true,
  visibility: true,
}

/**
 * Whether tokens can be revoked: `impossible` without a ledger; `possible` for those that are to be, and those that have
 * a subject; `always`: every one of them can.
 */
export type Revocability = 'always' | 'impossible' | 'possible'

/** What options are read against. */
export interface GrantContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Bounds of a token's life; `expiryBounds()` gives the usual ones. */
  readonly bounds: ExpiryBounds
  /** Default `impossible`. */
  readonly revocation?: Revocability
}

/** The fields of a first block, which always says when it ends. */
export type FirstFields = GrantFields & { readonly expires: number }

/**
 * The fields of a grant to read or remove an object.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function grantFieldsForUrl(options: UrlOptions, context: GrantContext): FirstFields {
  const {
    operations = ['get', 'head'],
    allowedAddresses,
    download,
    cacheControlMaxAge,
    responseHeaders,
    ifMatch,
    maxDownloads,
    resumeWindow,
    subject,
  } = options
  if (options.stableFor !== undefined && maxDownloads !== undefined) {
    throw invalid(
      'maxDownloads counts each URL by an id of its own, so that no two are the same: not with stableFor',
    )
  }
  const confirm = isOn(options.confirm, 'confirm')
  if (operations.includes('put')) throw invalid('operations must not have put; use an upload URL')
  if (ifMatch !== undefined && !operations.includes('delete'))
    throw invalid('ifMatch needs the operation delete')
  if (confirm && !operations.includes('get')) throw invalid('confirm needs the operation get')
  return {
    // First: see `withFields` for what spreading into nothing would take.
    operations,
    ...validity(options, context.now, context.bounds),
    ...revocationFields(options, context),
    ...(allowedAddresses !== undefined && { allowedAddresses: addressesOf(allowedAddresses) }),
    ...(download !== undefined && { download: downloadOf(download) }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(responseHeaders !== undefined && { responseHeaders: headersOf(responseHeaders) }),
    ...(ifMatch !== undefined && { ifMatch: etagOf(ifMatch) }),
    ...(maxDownloads !== undefined && { maxDownloads: countOf(maxDownloads) }),
    ...(resumeWindow !== undefined && { resumeWindow: resumeWindowOf(resumeWindow, maxDownloads) }),
    ...(confirm && { confirm: true as const }),
    ...(subject !== undefined && { subject }),
  }
}

/**
 * The fields of a grant to upload an object.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function grantFieldsForUpload(options: UploadOptions, context: GrantContext): FirstFields {
  const { addRandomSuffix, allowOverwrite, allowedTypes, cacheControlMaxAge, ifMatch, maxSize } = options
  const { allowedAddresses, payload, subject, visibility } = options
  if (ifMatch !== undefined && (addRandomSuffix === true || allowOverwrite === false)) {
    throw invalid('ifMatch replaces an object, which addRandomSuffix or allowOverwrite: false rules out')
  }
  return {
    operations: ['put'],
    ...validity(options, context.now, context.bounds),
    ...revocationFields(options, context),
    ...(allowedAddresses !== undefined && { allowedAddresses: addressesOf(allowedAddresses) }),
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
