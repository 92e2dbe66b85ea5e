import { addressesOf, entryWithin } from './allowed-addresses.js'
import { cappedValidity } from './expiry.js'
import type { Grant, GrantFields } from './grant.js'
import { newGrantId } from './grant-id.js'
import { typeAllowed } from './media-type.js'
import type { NarrowingOptions } from './narrowing-options.js'
import {
  countOf,
  downloadOf,
  etagOf,
  invalid,
  isOn,
  resumeWindowOf,
  typePatternOf,
  visibilityOf,
} from './option-values.js'
import { narrowerPin } from './pin.js'
import { parseSize } from './size.js'
import { onlyVersion } from './versions.js'

/** What is narrowed, for messages. */
export type Narrowed = 'delegation' | 'URL'

/**
 * The fields of a block that narrows a grant as the options say, and asks for nothing that the grant lacks: a verifier
 * would not give it, so it is better said here.
 *
 * @throws LatchkeyError `invalid_option`, which says what the grant lacks
 */
export function narrowingFields(options: NarrowingOptions, grant: Grant, of: Narrowed): GrantFields {
  const { allowedTypes, cacheControlMaxAge, download, ifMatch, maxDownloads, maxSize, pin } = options
  const { allowedAddresses, allowOverwrite, confirm, resumeWindow, revocable, visibility } = options
  isOn(allowOverwrite, 'allowOverwrite')
  if (confirm === false && grant.confirm) throw invalid(`confirm: the ${of} asks before each download`)
  const fields: GrantFields = {
    ...cappedValidity(options, options.now?.() ?? Date.now(), grant, of),
    ...(allowedAddresses !== undefined && { allowedAddresses: addressesOf(allowedAddresses) }),
    ...(allowedTypes !== undefined && { allowedTypes: allowedTypes.map(typePatternOf) }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    ...(download !== undefined && { download: downloadOf(download) }),
    ...(ifMatch !== undefined && { ifMatch: etagOf(ifMatch) }),
    ...(maxDownloads !== undefined && { maxDownloads: countOf(maxDownloads) }),
    ...(resumeWindow !== undefined && { resumeWindow: resumeWindowOf(resumeWindow, maxDownloads) }),
    ...(isOn(confirm, 'confirm') && { confirm: true as const }),
    ...(maxSize !== undefined && { maxSize: parseSize(maxSize, 'maxSize') }),
    ...(pin !== undefined && { pin }),
    ...(visibility !== undefined && { visibility: visibilityOf(visibility) }),
    ...(allowOverwrite !== undefined && { allowOverwrite }),
    ...(grant.issuedAt !== undefined &&
      (revocable === true || maxDownloads !== undefined) && { id: newGrantId() }),
  }
  requireWithin(fields, grant, of)
  requireRevocable(options, grant, of)
  return fields
}

/** Only the first block can say that a token is to be looked up. */
function requireRevocable({ revocable }: NarrowingOptions, { issuedAt }: Grant, of: Narrowed): void {
  if (isOn(revocable, 'revocable') && issuedAt === undefined) {
    throw invalid(`revocable: the ${of} cannot be revoked, so nothing that is made from it can`)
  }
  if (revocable === false && issuedAt !== undefined) {
    throw invalid(`revocable: false: the ${of} can be revoked, and all that is made from it with it`)
  }
}

/** What the new block, with its id behind those that are there, can be revoked by. */
export function idOfNarrowed({ id }: GrantFields, { ids }: Grant): { readonly id?: string } {
  return id === undefined ? {} : { id: `${ids.at(-1)?.id ?? ''}.${id}` }
}

function requireWithin(fields: GrantFields, grant: Grant, of: Narrowed): void {
  const { maxSize, pin } = fields
  if (maxSize !== undefined && maxSize > (grant.maxSize ?? maxSize)) {
    throw invalid(`maxSize: the ${of} allows ${grant.maxSize} bytes`)
  }
  for (const entry of fields.allowedAddresses ?? []) {
    if (grant.allowedAddresses !== undefined && !entryWithin(entry, grant.allowedAddresses)) {
      throw invalid(`allowedAddresses: the ${of} does not allow ${entry}`)
    }
  }
  for (const type of fields.allowedTypes ?? []) {
    if (grant.allowedTypes !== undefined && !typeAllowed(type, grant.allowedTypes)) {
      throw invalid(`allowedTypes: the ${of} does not allow ${type}`)
    }
  }
  if (fields.visibility === 'public' && grant.visibility !== 'public') {
    throw invalid(`visibility: the ${of} allows private uploads only`)
  }
  if (pin !== undefined && narrowerPin(grant.pin, pin) === undefined) {
    throw invalid(`pin: the ${of} is for another upload or part`)
  }
  requireWriteWithin(fields, grant, of)
}

function requireWriteWithin({ allowOverwrite, ifMatch }: GrantFields, grant: Grant, of: Narrowed): void {
  const { write, remove } = grant
  if (allowOverwrite === true && write.replace !== 'any') {
    throw invalid(`allowOverwrite: the ${of} does not allow every object to be replaced`)
  }
  if (allowOverwrite === false && (!write.create || ifMatch !== undefined)) {
    throw invalid('allowOverwrite: false leaves nothing to upload beside ifMatch')
  }
  if (ifMatch === undefined) return
  const replaces = grant.operations.includes('put') && onlyVersion(write.replace, ifMatch) !== 'none'
  const removes = grant.operations.includes('delete') && onlyVersion(remove, ifMatch) !== 'none'
  if (!replaces && !removes)
    throw invalid(`ifMatch: the ${of} does not allow that version to be replaced or removed`)
}
