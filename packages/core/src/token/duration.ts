import { LatchkeyError } from './latchkey-error.js'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Reads a duration: whole seconds as a number, or a whole number and a unit (`'30s'`, `'10m'`, `'1h'`, `'7d'`).
 *
 * @param name the option, for the message
 * @returns seconds, an integer from 0 to 2^53 - 1
 * @throws LatchkeyError `invalid_option` for anything else: fractions, signs, spaces, other units, `NaN`
 */
export function parseDuration(value: number | string, name = 'duration'): number {
  const seconds = typeof value === 'string' ? secondsOf(value) : value
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new LatchkeyError(
      'invalid_option',
      `${name} must be whole seconds, or a text such as '30s', '10m', '1h' or '7d'`,
    )
  }
  return seconds
}

function secondsOf(text: string): number {
  const match = /^([0-9]{1,15})([smhd])$/.exec(text)
  return Number(match?.[1]) * (UNIT_SECONDS[match?.[2] ?? ''] ?? Number.NaN)
}
