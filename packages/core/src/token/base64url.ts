import { decodeUtf8, encodeUtf8 } from './runtime.js'
import { isWellFormed } from './text.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const VALUES = new Int8Array(128).fill(-1)
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i

/** Encodes bytes as base64url without padding (RFC 4648, section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    if (left > 1) text += ALPHABET.charAt((group >> 6) & 63)
    if (left > 2) text += ALPHABET.charAt(group & 63)
  }
  return text
}

/**
 * Decodes base64url without padding, strictly: `undefined` for padding, white space, any other character, an
 * impossible length, or unused bits that are not zero. So no two texts decode to the same bytes, which is why
 * neither `atob` nor `Buffer` is used: both forgive all of this.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const tail = text.length % 4
  if (tail === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let held = 0
  let heldBits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1
    if (value < 0) return undefined
    held = ((held << 6) | value) & 0xfff
    heldBits += 6
    if (heldBits >= 8) {
      heldBits -= 8
      bytes[at++] = held >> heldBits
    }
  }
  return (held & ((1 << heldBits) - 1)) === 0 ? bytes : undefined
}

/** Encodes a text's UTF-8 bytes as base64url; `undefined` where it has a lone surrogate. */
export function encodeText(text: string): string | undefined {
  return isWellFormed(text) ? encodeBase64url(encodeUtf8(text)) : undefined
}

/** Decodes base64url to UTF-8 text; `undefined` where either is malformed. */
export function decodeText(encoded: string): string | undefined {
  const bytes = decodeBase64url(encoded)
  return bytes && decodeUtf8(bytes)
}
