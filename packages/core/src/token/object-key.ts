import { LatchkeyError } from './latchkey-error.js'
import { isControl, utf8Length } from './text.js'

/** The longest key, in UTF-8 bytes; what S3 takes, too. */
export const MAX_KEY_BYTES = 1024

/**
 * Checks that a text is a key: 1 to 1 024 bytes of UTF-8; no control character, no backslash, no lone surrogate; no
 * leading or trailing slash, and no segment that is empty, `.` or `..`. Nothing is normalised.
 *
 * @throws LatchkeyError `invalid_key`
 */
export function assertObjectKey(key: string): void {
  const fault = keyFault(key)
  if (fault !== undefined) throw new LatchkeyError('invalid_key', `A key ${fault}`)
}

/** Whether a text is a key, by the rules of `assertObjectKey`. */
export function isObjectKey(key: string): boolean {
  return keyFault(key) === undefined
}

/**
 * Checks that a text is a prefix of keys: whole segments, each with its slash behind it (`reports/2026/`), or `''`
 * for every key.
 *
 * @throws LatchkeyError `invalid_key`
 */
export function assertKeyPrefix(prefix: string): void {
  if (prefix === '') return
  // With one more character a prefix is a key, and the rules for keys say the rest.
  const fault = prefix.endsWith('/') ? keyFault(`${prefix}x`) : 'must end with a slash'
  if (fault !== undefined) throw new LatchkeyError('invalid_key', `A key prefix ${fault}`)
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'must not be empty'
  let segment = 0
  let ascii = true
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    // Nearly every character, and this runs for each of every request.
    if (unit > 0x2f && unit < 0x7f && unit !== 0x5c) continue
    if (unit === 0x2f) {
      const fault = segmentFault(key, segment, i)
      if (fault !== undefined) return fault
      segment = i + 1
    } else if (unit === 0x5c) {
      return 'must not have a backslash'
    } else if (isControl(unit)) {
      return 'must not have a control character'
    } else if (unit >= 0x80) {
      ascii = false
    }
  }
  const fault = segmentFault(key, segment, key.length)
  if (fault !== undefined) return fault
  const bytes = ascii ? key.length : utf8Length(key)
  if (bytes < 0) return 'must be well-formed Unicode: it has a lone surrogate'
  if (bytes > MAX_KEY_BYTES) return `must not be longer than ${MAX_KEY_BYTES} bytes`
  return undefined
}

function segmentFault(key: string, start: number, end: number): string | undefined {
  if (start === end) return 'must not begin or end with a slash, nor have an empty segment'
  const dots = end - start <= 2 && key.charCodeAt(start) === 0x2e && key.charCodeAt(end - 1) === 0x2e
  return dots ? "must not have a segment '.' or '..'" : undefined
}
