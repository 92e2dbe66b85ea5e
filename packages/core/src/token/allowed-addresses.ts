import { encodedText, type Spelling } from './field-values.js'
import { contains, formatRange, type IpRange, parseAddress, parseRange } from './ip-range.js'
import { invalid } from './option-values.js'

/** The most entries of a list. */
const MOST_ENTRIES = 64

const list = encodedText(2048, (text) => areCanonical(text.split(',')))

/** Addresses and ranges in their one spelling, ascending, joined by commas, as base64url. There is no empty list. */
export const allowedAddresses: Spelling<readonly string[]> = {
  read: (text) => list.read(text)?.split(','),
  write: (entries) => list.write(entries.join(',')),
}

function areCanonical(entries: readonly string[]): boolean {
  if (entries.length > MOST_ENTRIES) return false
  return entries.every((entry, at) => {
    const range = parseRange(entry)
    const before = entries[at - 1]
    return range !== undefined && formatRange(range) === entry && (before === undefined || before < entry)
  })
}

/**
 * The entries of an option in their one spelling, ascending.
 *
 * @throws LatchkeyError `invalid_option`: nothing in it, more than 64 entries, or one that is neither an address nor a range
 */
export function addressesOf(given: readonly string[]): readonly string[] {
  if (!Array.isArray(given) || given.length < 1 || given.length > MOST_ENTRIES) {
    throw invalid(`allowedAddresses must be a list of 1 to ${MOST_ENTRIES}`)
  }
  return ascending(given.map(canonical))
}

function canonical(entry: unknown): string {
  const range = typeof entry === 'string' ? parseRange(entry) : undefined
  if (range === undefined) {
    throw invalid(
      `allowedAddresses must be like 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32, without zone and with no bit set behind the prefix; '${entry}' is not`,
    )
  }
  return formatRange(range)
}

/** What both lists allow, ascending: of two that are nested the narrower. Empty where nobody is left. */
export function intersectAddresses(one: readonly string[], other: readonly string[]): readonly string[] {
  const [ones, others] = [rangesOf(one), rangesOf(other)]
  const both = [
    ...ones.filter((range) => isWithin(range, others)),
    ...others.filter((range) => isWithin(range, ones)),
  ]
  return ascending(both.map(formatRange))
}

/** Whether an entry allows no address that the list does not. */
export function entryWithin(entry: string, entries: readonly string[]): boolean {
  const range = parseRange(entry)
  return range !== undefined && isWithin(range, rangesOf(entries))
}

/** Whether a client's address, as a socket or a proxy has it, is among those that are allowed. */
export function addressAllowed(address: string, entries: readonly string[]): boolean {
  const range = parseAddress(address)
  return range !== undefined && isWithin(range, rangesOf(entries))
}

function isWithin(range: IpRange, ranges: readonly IpRange[]): boolean {
  return ranges.some((outer) => contains(outer, range))
}

function rangesOf(entries: readonly string[]): readonly IpRange[] {
  return entries.flatMap((entry) => parseRange(entry) ?? [])
}

function ascending(entries: readonly string[]): readonly string[] {
  return [...new Set(entries)].sort()
}
