import { LatchkeyError } from '@latchkey/core'

/**
 * Unix seconds as milliseconds, as every store can hold them.
 *
 * @throws LatchkeyError `invalid_option` for NaN
 */
export function storedTime(seconds: number): string {
  return storedNumber(seconds * 1000)
}

/**
 * A number, whole, not negative, and no larger than numbers are exact.
 *
 * @throws LatchkeyError `invalid_option` for NaN, which is neither more nor less than any number
 */
export function storedNumber(value: number): string {
  if (Number.isNaN(value)) throw new LatchkeyError('invalid_option', 'a number for the ledger is NaN')
  return String(Math.min(Math.max(Math.floor(value), 0), Number.MAX_SAFE_INTEGER))
}
