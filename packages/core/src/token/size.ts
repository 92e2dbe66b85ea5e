import { LatchkeyError } from './latchkey-error.js'

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
}

/**
 * Reads a size: whole bytes as a number, or a number and a unit (`'512b'`, `'64kb'`, `'5mb'`, `'1.5 GB'`, `'1tb'`).
 * Units are powers of 1024, in either case, after at most one space; a fraction of a byte is dropped.
 *
 * @param name the option, for the message
 * @returns bytes, an integer from 0 to 2^53 - 1
 * @throws LatchkeyError `invalid_option` for anything else
 */
export function parseSize(value: number | string, name = 'size'): number {
  const bytes = typeof value === 'string' ? bytesOf(value) : value
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new LatchkeyError(
      'invalid_option',
      `${name} must be whole bytes, or a text such as '64kb' or '5mb'`,
    )
  }
  return bytes
}

function bytesOf(text: string): number {
  const match = /^([0-9]{1,16}(?:\.[0-9]{1,6})?) ?([kmgt]?b)$/i.exec(text)
  return Math.floor(Number(match?.[1]) * (UNIT_BYTES[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN))
}
