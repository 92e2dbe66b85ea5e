import type { ByteRange } from '../contracts/storage-driver.js'

const SINGLE_RANGE = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i

/**
 * The one range that a `Range` field asks for (RFC 9110, section 14). `undefined` means the whole object: no
 * range, another unit, several ranges, or a malformed field, all of which a server may ignore.
 */
export function parseRange(field: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (field === undefined) return undefined
  const match = SINGLE_RANGE.exec(field)
  if (match === null) return undefined
  const [, first, last, suffix] = match
  if (suffix !== undefined) return suffixRange(Number(suffix), size)
  return closedRange(Number(first), last === '' ? Number.POSITIVE_INFINITY : Number(last), size)
}

function suffixRange(length: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (length === 0) return 'unsatisfiable'
  // A suffix of an empty object is satisfiable, yet no Content-Range can say so.
  if (size === 0) return undefined
  return { first: Math.max(0, size - length), last: size - 1 }
}

function closedRange(first: number, last: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (last < first) return undefined
  if (first >= size) return 'unsatisfiable'
  return { first, last: Math.min(last, size - 1) }
}
