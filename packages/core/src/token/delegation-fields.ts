import { addressesOf } from './allowed-addresses.js'
import type { DelegationOptions } from './delegation-options.js'
import { validity } from './expiry.js'
import type { Scope } from './grant.js'
import type { FirstFields, GrantContext } from './grant-fields.js'
import { assertKnownOptions } from './known-options.js'
import {
  countOf,
  downloadOf,
  etagOf,
  headersOf,
  invalid,
  isOn,
  resumeWindowOf,
  typePatternOf,
  visibilityOf,
} from './option-values.js'
import { revocationFields } from './revocation-fields.js'
import { parseSize } from './size.js'

const DELEGATION_OPTIONS: Readonly<Record<keyof DelegationOptions, true>> = {
  addRandomSuffix: true,
  allowedAddresses: true,
  allowedTypes: true,
  allowOverwrite: true,
  cacheControlMaxAge: true,
  confirm: true,
  download: true,
  expiresIn: true,
  ifMatch: true,
  key: true,
  maxDownloads: true,
  maxSize: true,
  notBefore: true,
  operations: true,
  overrides: true,
  payload: true,
  prefix: true,
  responseHeaders: true,
  resumeWindow: true,
  revocable: true,
  subject: true,
  validUntil: true,
  visibility: true,
}

const OF_UPLOADS = [
  'maxSize',
  'allowedTypes',
  'addRandomSuffix',
  'allowOverwrite',
  'visibility',
  'payload',
] as const satisfies (keyof DelegationOptions)[]

const OF_DOWNLOADS = ['maxDownloads', 'confirm'] as const satisfies (keyof DelegationOptions)[]

/**
 * What a delegation is about.
 *
 * @throws LatchkeyError `invalid_option` where it has not exactly one of `key` and `prefix`
 */
export function delegationScope({ key, prefix }: DelegationOptions): Scope {
  if (key !== undefined && prefix === undefined) return { key }
  if (prefix !== undefined && key === undefined) return { prefix }
  throw invalid('a delegation needs a key or a prefix, and not both')
}

/**
 * The fields of a delegation's first block.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function grantFieldsForDelegation(options: DelegationOptions, context: GrantContext): FirstFields {
  assertKnownOptions(options, DELEGATION_OPTIONS)
  const { operations = ['get', 'head'], allowedTypes, cacheControlMaxAge, download, ifMatch } = options
  const { allowedAddresses, maxDownloads, maxSize, payload, responseHeaders, resumeWindow } = options
  const { subject, visibility } = options
  const fields: FirstFields = {
    // First: see `withFields` for what spreading into nothing would take.
    operations,
    ...validity(options, context.now, context.bounds),
    ...revocationFields(options, context),
    ...(allowedAddresses !== undefined && { allowedAddresses: addressesOf(allowedAddresses) }),
    ...(allowedTypes !== undefined && { allowedTypes: allowedTypes.map(typePatternOf) }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(download !== undefined && { download: downloadOf(download) }),
    ...(ifMatch !== undefined && { ifMatch: etagOf(ifMatch) }),
    ...(responseHeaders !== undefined && { responseHeaders: headersOf(responseHeaders) }),
    ...(maxDownloads !== undefined && { maxDownloads: countOf(maxDownloads) }),
    ...(resumeWindow !== undefined && { resumeWindow: resumeWindowOf(resumeWindow, maxDownloads) }),
    ...(isOn(options.confirm, 'confirm') && { confirm: true as const }),
    ...(maxSize !== undefined && { maxSize: parseSize(maxSize, 'maxSize') }),
    ...(isOn(options.addRandomSuffix, 'addRandomSuffix') && { addRandomSuffix: true as const }),
    ...(subject !== undefined && { subject }),
    ...(payload !== undefined && { payload }),
    ...(visibility !== undefined && visibilityOf(visibility) === 'public' && { visibility }),
    ...(isOn(options.allowOverwrite, 'allowOverwrite') && { allowOverwrite: true }),
    ...(isOn(options.overrides, 'overrides') && { overrides: true }),
  }
  requireFitting(options, operations)
  return fields
}

/** An option that can have no effect is a mistake, as a rule a forgotten operation. */
function requireFitting(options: DelegationOptions, operations: readonly string[]): void {
  const put = operations.includes('put')
  for (const name of OF_UPLOADS) {
    if (options[name] !== undefined && !put) throw invalid(`${name} needs the operation put`)
  }
  for (const name of OF_DOWNLOADS) {
    if (options[name] !== undefined && !operations.includes('get')) {
      throw invalid(`${name} needs the operation get`)
    }
  }
  if (options.ifMatch === undefined) return
  if (!put && !operations.includes('delete')) throw invalid('ifMatch needs the operation put or delete')
  if (options.addRandomSuffix === true || options.allowOverwrite === false) {
    throw invalid('ifMatch replaces an object, which addRandomSuffix or allowOverwrite: false rules out')
  }
}
