import { createMac } from '#hmac'
import type { MaybePromise } from '../hmac/contract.js'
import { decodeBase64url } from './base64url.js'
import { LatchkeyError } from './latchkey-error.js'
import { hasControl, utf8Length } from './text.js'

/** What the first MAC is computed over. `block` comes with the key id: `kid "." block`. */
export function firstMacText(audience: string, kidAndBlock: string, covered: string): string {
  return `latchkey1\n${audience}\n${kidAndBlock}\n${covered}`
}

/** The MAC of a block behind the first, under the MAC before it. */
export function nextMac(mac: string, block: string, covered: string): MaybePromise<string> {
  const secret = decodeBase64url(mac)
  if (secret === undefined) throw new LatchkeyError('invalid_option', 'A MAC must be base64url')
  return createMac(secret)(`${block}\n${covered}`)
}

// A mount has one audience, so the last that was checked is nearly always the one that comes.
let checked: string | undefined

/**
 * Checks an audience: 1 to 1 024 bytes of UTF-8 without control characters.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function assertAudience(audience: string): void {
  if (audience === checked) return
  const bytes = utf8Length(audience)
  if (bytes < 1 || bytes > 1024 || hasControl(audience)) {
    throw new LatchkeyError('invalid_option', 'audience must be 1 to 1024 bytes without control characters')
  }
  checked = audience
}
