/** Addresses that begin with the same bits. IPv4 has 2 groups of 16 bits, IPv6 has 8. */
export interface IpRange {
  readonly groups: readonly number[]
  /** How many of the first bits count: 32 of IPv4 and 128 of IPv6 are one address. */
  readonly length: number
}

/**
 * Reads an IPv4 or IPv6 address. One of IPv6 that stands for one of IPv4 (`::ffff:192.0.2.1`) is that of IPv4, which is
 * how a socket of both kinds shows it. `undefined` for anything else, an address with a zone (`fe80::1%eth0`) among it.
 */
export function parseAddress(text: string): IpRange | undefined {
  return text.includes('/') ? undefined : parseRange(text)
}

/** Reads an address, or a range of addresses in CIDR notation (RFC 4632, RFC 4291), whose other bits must be zero. */
export function parseRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/')
  const groups = parseGroups(slash === -1 ? text : text.slice(0, slash))
  if (groups === undefined) return undefined
  const bits = groups.length * 16
  const length = slash === -1 ? bits : parseDecimal(text.slice(slash + 1), bits)
  if (length === undefined) return undefined
  const range =
    isMapped(groups) && length >= 96 ? { groups: groups.slice(6), length: length - 96 } : { groups, length }
  return hasHostBits(range) ? undefined : range
}

/** Writes a range in its one spelling: RFC 5952, and no length where it is one address. */
export function formatRange({ groups, length }: IpRange): string {
  const address = groups.length === 2 ? formatIpv4(groups) : formatIpv6(groups)
  return length === groups.length * 16 ? address : `${address}/${length}`
}

/** Whether every address of the one is an address of the other. */
export function contains(outer: IpRange, inner: IpRange): boolean {
  if (outer.groups.length !== inner.groups.length || outer.length > inner.length) return false
  return outer.groups.every(
    (group, at) => ((group ^ (inner.groups[at] ?? 0)) & mask(outer.length - at * 16)) === 0,
  )
}

/** The first bits of a group, of which so many are left. */
function mask(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 16 ? 0xffff : (0xffff << (16 - bits)) & 0xffff
}

function hasHostBits({ groups, length }: IpRange): boolean {
  return groups.some((group, at) => (group & ~mask(length - at * 16)) !== 0)
}

function isMapped(groups: readonly number[]): boolean {
  return groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
}

function parseGroups(text: string): number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** Four decimals: a leading zero is refused, as some would read the rest as octal. */
function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const [a, b, c, d] = parts.map((part) => parseDecimal(part, 255))
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined
  return [(a << 8) | b, (c << 8) | d]
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const tail = parseHalf(halves.at(-1) ?? '', true)
  if (halves.length === 1) return tail?.length === 8 ? tail : undefined
  const head = parseHalf(halves[0] ?? '', false)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  return missing < 1 ? undefined : [...head, ...Array<number>(missing).fill(0), ...tail]
}

/** @param atEnd whether an address of IPv4 may end it */
function parseHalf(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    if (atEnd && at === parts.length - 1 && part.includes('.')) {
      const embedded = parseIpv4(part)
      if (embedded === undefined) return undefined
      groups.push(...embedded)
    } else {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

function parseDecimal(text: string, maximum: number): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined
  const value = Number(text)
  return value <= maximum ? value : undefined
}

function formatIpv4(groups: readonly number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}

function formatIpv6(groups: readonly number[]): string {
  const zeros = longestZeros(groups)
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (zeros === undefined) return hex(groups)
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.end))}`
}

/** The longest run of zeros, the first of several; one group alone is not shortened (RFC 5952, section 4.2). */
function longestZeros(groups: readonly number[]): { start: number; end: number } | undefined {
  let longest: { start: number; end: number } | undefined
  let start = 0
  for (let at = 0; at <= groups.length; at++) {
    if (groups[at] === 0) continue
    const length = at - start
    if (length > 1 && (longest === undefined || length > longest.end - longest.start))
      longest = { start, end: at }
    start = at + 1
  }
  return longest
}
