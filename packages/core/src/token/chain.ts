import { createMac } from '#hmac'
import type { MacFunction, MaybePromise } from '../hmac/contract.js'
import { decodeBase64url } from './base64url.js'
import { LatchkeyError } from './latchkey-error.js'
import { andThen } from './maybe-promise.js'
import { hasControl, utf8Length } from './text.js'

/**
 * The MAC of a first block.
 *
 * @param head `kid "." block0`
 * @throws LatchkeyError `invalid_option` for an audience that is not 1 to 1 024 bytes without control characters
 */
export function firstMac(
  sign: MacFunction,
  audience: string,
  head: string,
  covered: string,
): MaybePromise<string> {
  return sign(opening(audience), head, covered)
}

/** The MAC of a block behind the first, under the MAC before it. */
export function nextMac(mac: string, block: string, covered: string): MaybePromise<string> {
  const secret = decodeBase64url(mac)
  if (secret === undefined) throw new LatchkeyError('invalid_option', 'A MAC must be base64url')
  return createMac(secret)('', block, covered)
}

/**
 * An id that follows from a MAC and does not reveal it: a MAC under it of a text that no block gives rise to, as those
 * have a line feed. 22 characters, 132 bits.
 */
export function countingId(mac: string): MaybePromise<string> {
  const secret = decodeBase64url(mac)
  if (secret === undefined) throw new LatchkeyError('invalid_option', 'A MAC must be base64url')
  return andThen(createMac(secret)('latchkey1 download id'), (id) => id.slice(0, 22))
}

// A mount has one audience, so the last that was checked is nearly always the one that comes.
let last = { audience: '', opening: '' }

function opening(audience: string): string {
  if (audience !== last.audience || audience === '') {
    assertAudience(audience)
    last = { audience, opening: `latchkey1\n${audience}\n` }
  }
  return last.opening
}

/**
 * Checks an audience: 1 to 1 024 bytes of UTF-8 without control characters.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function assertAudience(audience: string): void {
  const bytes = utf8Length(audience)
  if (bytes < 1 || bytes > 1024 || hasControl(audience)) {
    throw new LatchkeyError('invalid_option', 'audience must be 1 to 1024 bytes without control characters')
  }
}
