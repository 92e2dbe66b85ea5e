import type { ByteRange } from '@latchkey/core'

/**
 * Where a read of an object of `size` bytes begins, and where it ends: before `end`.
 *
 * @throws RangeError for a range that is not inside
 */
export function spanOf(size: number, range: ByteRange | undefined): readonly [first: number, end: number] {
  const first = range?.first ?? 0
  const end = range === undefined ? size : range.last + 1
  if (first >= 0 && first <= end && end <= size) return [first, end]
  throw new RangeError(`The range ${first} to ${end - 1} is not inside an object of ${size} bytes`)
}
