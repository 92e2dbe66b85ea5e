import type { UploadedPart } from '@latchkey/core'
import { invalidPart, tooLarge } from './upload-errors.js'

const MAX_PART_NUMBER = 10_000

/** Throws `invalid_part` for what is no number of a part. */
export function assertPartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= MAX_PART_NUMBER) return
  throw invalidPart(`A part has a whole number from 1 to ${MAX_PART_NUMBER}, not ${partNumber}`)
}

/** Bytes of all parts together. */
export function totalOf(parts: Iterable<Pick<UploadedPart, 'size'>>): number {
  let total = 0
  for (const part of parts) total += part.size
  return total
}

/**
 * The stored parts that a list names, in its order. Parts that it leaves out are not part of the object. A part may
 * be empty, at any place; the list may not.
 *
 * @throws LatchkeyError `invalid_part` where the list is empty, out of order, names a part twice, or names one that
 * is not there in that version; `too_large` where the parts have more than `maxTotal` bytes.
 */
export function selectParts<T extends UploadedPart>(
  list: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
  stored: Iterable<T>,
  maxTotal: number,
): T[] {
  if (list.length === 0) throw invalidPart('The list of parts is empty')
  const byNumber = new Map<number, T>()
  for (const part of stored) byNumber.set(part.partNumber, part)
  let last = 0
  const selected = list.map(({ partNumber, etag }) => {
    assertPartNumber(partNumber)
    if (partNumber <= last) throw invalidPart(`Part ${partNumber} is listed after part ${last}`)
    last = partNumber
    const part = byNumber.get(partNumber)
    if (part === undefined) throw invalidPart(`Part ${partNumber} was not uploaded`)
    if (part.etag !== etag) throw invalidPart(`Part ${partNumber} is another version than the list names`)
    return part
  })
  if (!(totalOf(selected) <= maxTotal)) throw tooLarge()
  return selected
}
