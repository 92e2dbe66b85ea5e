import { LatchkeyError } from '@latchkey/core'

const MAX_KEY_BYTES = 1024

/**
 * Why no driver of this package holds `key`, or `null` where it is sound. The core has checked already; a driver
 * checks again, because a driver may also be called by the app itself.
 */
export function keyDefect(key: string): string | null {
  if (typeof key !== 'string' || key === '') return 'it is empty'
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`
  // A backslash is a separator on Windows only: refused everywhere, or a tree could not move between systems.
  if (key.includes('\\')) return 'it holds a backslash'
  if (hasControlCharacter(key)) return 'it holds a control character'
  // UTF-8 has no lone surrogates: two such keys would be written as the same bytes and share one object.
  if (/\p{Surrogate}/u.test(key)) return 'it holds a lone surrogate'
  for (const segment of key.split('/')) {
    if (segment === '') return 'it begins or ends with a slash, or has two in a row'
    if (segment === '.' || segment === '..') return 'it has a dot segment'
  }
  return null
}

/** Throws `invalid_key` where no driver of this package holds `key`. */
export function assertSound(key: string): void {
  const defect = keyDefect(key)
  if (defect !== null) throw new LatchkeyError('invalid_key', `The key cannot be stored: ${defect}`)
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true
  }
  return false
}
