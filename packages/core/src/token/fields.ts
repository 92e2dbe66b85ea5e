import { allowedAddresses, intersectAddresses } from './allowed-addresses.js'
import type { BlockFields, Draft } from './draft.js'
import { allowedTypes, responseHeaders } from './field-lists.js'
import {
  choice,
  decimal,
  download,
  encodedBytes,
  encodedText,
  flag,
  isStrongEtag,
  type Spelling,
} from './field-values.js'
import { ID_BYTES } from './grant-id.js'
import { intersectTypes } from './media-type.js'
import { MAX_KEY_BYTES } from './object-key.js'
import { intersectOperations, readOperations, writeOperations } from './operations.js'
import { narrowerPin, pin } from './pin.js'
import { subjectText } from './subject.js'
import { onlyCreate, onlyVersion } from './versions.js'

/**
 * Where a field may stand: in `any` block; in the `first` alone; beside a download limit alone (`limiting`); or, as it says
 * how an object is presented and has no meet, in the first and in a block whose predecessors all grant `overrides`
 * (`presentation`).
 */
type Place = 'any' | 'first' | 'limiting' | 'presentation'

/** One row of the table. */
export interface Field {
  readonly letter: string
  /** What its value follows as the first field of a block: `.e`. */
  readonly first: string
  /** What its value follows behind another field: `~e`. */
  readonly next: string
  readonly name: keyof BlockFields
  readonly place: Place
  /** Reads a value into a block; `false` where it is malformed or out of bounds. */
  read(text: string, into: BlockFields): boolean
  /** Spells the block's value; `undefined` where it is out of bounds. To be asked only where there is one. */
  write(from: Readonly<Partial<BlockFields>>): string | undefined
  /** Narrows a draft to what the block's value allows. */
  meet(draft: Draft, block: BlockFields): void
}

function field<Name extends keyof BlockFields>(
  letter: string,
  name: Name,
  place: Place,
  spelling: Spelling<NonNullable<BlockFields[Name]>>,
  meet: (draft: Draft, value: NonNullable<BlockFields[Name]>) => void,
): Field {
  return {
    letter,
    first: `.${letter}`,
    next: `~${letter}`,
    name,
    place,
    read(text, into) {
      const value = spelling.read(text)
      if (value === undefined) return false
      into[name] = value
      return true
    },
    write(from) {
      const value = from[name]
      return value === undefined ? undefined : spelling.write(value)
    },
    meet(draft, block) {
      const value = block[name]
      if (value !== undefined) meet(draft, value)
    },
  }
}

/** The end of the year 9999, the last that a date of HTTP can state. */
export const MAX_TIME = 253_402_300_799

/** Seconds: 7 days. */
export const MAX_RESUME_WINDOW = 604_800

const time = decimal(0, MAX_TIME)
const operations = { read: readOperations, write: writeOperations }

/**
 * Every field: letter, type, bounds and meet, in ascending order of letter. SPEC.md registers the same letters.
 * A meet may only narrow; what has none replaces, and is placed accordingly.
 */
export const FIELDS: readonly Field[] = [
  field('a', 'allowedTypes', 'any', allowedTypes, (draft, types) => {
    draft.allowedTypes = draft.allowedTypes ? intersectTypes(draft.allowedTypes, types) : types
  }),
  field('b', 'allowedAddresses', 'any', allowedAddresses, (draft, entries) => {
    draft.allowedAddresses = draft.allowedAddresses
      ? intersectAddresses(draft.allowedAddresses, entries)
      : entries
  }),
  field('c', 'cacheControlMaxAge', 'presentation', decimal(0, 31_536_000), (draft, seconds) => {
    draft.cacheControlMaxAge = seconds
  }),
  field('d', 'download', 'presentation', download, (draft, value) => {
    draft.download = value
  }),
  field('e', 'expires', 'any', time, (draft, seconds) => {
    draft.expiresAt = Math.min(draft.expiresAt, seconds)
  }),
  field('f', 'ifMatch', 'any', encodedText(256, isStrongEtag), (draft, etag) => {
    draft.write = { create: false, replace: onlyVersion(draft.write.replace, etag) }
    draft.remove = onlyVersion(draft.remove, etag)
  }),
  field('g', 'issuedAt', 'first', time, (draft, seconds) => {
    draft.issuedAt = seconds
  }),
  field('h', 'responseHeaders', 'presentation', responseHeaders, (draft, headers) => {
    draft.responseHeaders = headers
  }),
  // Each is named after those before it: `effectiveGrant` lists them.
  field('i', 'id', 'any', encodedBytes(ID_BYTES), () => {}),
  // Each block's counts apart, by an id that follows from its MAC: `verify` lists them.
  field('l', 'maxDownloads', 'any', decimal(1, Number.MAX_SAFE_INTEGER), () => {}),
  field('m', 'maxSize', 'any', decimal(0, Number.MAX_SAFE_INTEGER), (draft, bytes) => {
    draft.maxSize = Math.min(draft.maxSize ?? bytes, bytes)
  }),
  field('n', 'notBefore', 'any', time, (draft, seconds) => {
    draft.notBefore = Math.max(draft.notBefore ?? seconds, seconds)
  }),
  field('o', 'operations', 'any', operations, (draft, allowed) => {
    draft.operations = intersectOperations(draft.operations, allowed)
  }),
  // The MACs already hold the key against every block's prefix; `effectiveGrant` finds the narrowest.
  field('p', 'prefixLength', 'any', decimal(0, MAX_KEY_BYTES - 1), () => {}),
  field('q', 'createOnly', 'any', flag, (draft) => {
    draft.write = onlyCreate(draft.write)
  }),
  field('r', 'addRandomSuffix', 'any', flag, (draft) => {
    draft.addRandomSuffix = true
  }),
  field('s', 'subject', 'first', subjectText, (draft, subject) => {
    draft.subject = subject
  }),
  field('t', 'pin', 'any', pin, (draft, given) => {
    const narrower = narrowerPin(draft.pin, given)
    if (narrower === undefined) draft.operations = []
    else draft.pin = narrower
  }),
  field('u', 'payload', 'first', encodedText(2048), (draft, payload) => {
    draft.payload = payload
  }),
  field('v', 'visibility', 'any', choice('private', 'public'), (draft, visibility) => {
    if (visibility === 'private') draft.visibility = visibility
  }),
  field('w', 'allowOverwrite', 'any', choice(false, true), (draft, allowed) => {
    if (!allowed) draft.write = onlyCreate(draft.write)
  }),
  // Says something about the next block, nothing about a request.
  field('x', 'overrides', 'any', choice(false, true), () => {}),
  // Of the limit in the same block, as `l`.
  field('y', 'resumeWindow', 'limiting', decimal(1, MAX_RESUME_WINDOW), () => {}),
  field('z', 'confirm', 'any', flag, (draft) => {
    draft.confirm = true
  }),
]
