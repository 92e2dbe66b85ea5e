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
  for (let i = 0; i <= key.length; i++) {
    // NaN at the end, where the last segment ends as at a slash.
    const unit = key.charCodeAt(i)
    if (unit === 0x2f || i === key.length) {
      const length = i - segment
      if (length === 0) return 'must not begin or end with a slash, nor have an empty segment'
      if (length <= 2 && key.charCodeAt(segment) === 0x2e && key.charCodeAt(i - 1) === 0x2e) {
        return "must not have a segment '.' or '..'"
      }
      segment = i + 1
    } else if (unit === 0x5c) {
      return 'must not have a backslash'
    } else if (isControl(unit)) {
      return 'must not have a control character'
    } else if (unit >= 0x80) {
      ascii = false
    }
  }
  const bytes = ascii ? key.length : utf8Length(key)
  if (bytes < 0) return 'must be well-formed Unicode: it has a lone surrogate'
  if (bytes > MAX_KEY_BYTES) return `must not be longer than ${MAX_KEY_BYTES} bytes`
  return undefined
}
