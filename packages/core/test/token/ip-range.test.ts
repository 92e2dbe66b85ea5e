import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contains, formatRange, parseAddress, parseRange } from '../../src/token/ip-range.js'

/** The one spelling of a range, or `undefined`. */
function spelled(text: string): string | undefined {
  const range = parseRange(text)
  return range && formatRange(range)
}

describe('an address or a range has one spelling', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.128/25', '10.1.2.128/25'],
    ['255.255.255.254/31', '255.255.255.254/31'],
    ['::', '::'],
    ['::1', '::1'],
    ['::1/128', '::1'],
    ['::/0', '::/0'],
    ['2001:DB8::', '2001:db8::'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1::', '1::'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8:8000::/33', '2001:db8:8000::/33'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::1.2.3.4', '::102:304'],
  ])('%s is %s', (text, expected) => {
    expect(spelled(text)).toBe(expected)
    expect(spelled(expected)).toBe(expected)
  })
})

test.each([
  '',
  ' 1.2.3.4',
  '1.2.3.4 ',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '1..2.3',
  '01.2.3.4',
  '1.2.3.04',
  '256.1.1.1',
  '1.2.3.-4',
  '+1.2.3.4',
  '0x1.2.3.4',
  '1.2.3.4e0',
  '16909060',
  '１.2.3.4',
  'localhost',
  '*',
  '1.2.3.4:80',
  '[::1]',
  ':',
  ':::',
  '::1::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '12345::',
  'g::',
  '::-1',
  '1.2.3.4::',
  '::1.2.3.4:1',
  '::1.2.3',
  '::01.2.3.4',
  '1:2:3:4:5:6:7:1.2.3.4',
  'fe80::1%eth0',
  'fe80::1%25eth0',
  '1.2.3.4%1',
  '1.2.3.4/',
  '1.2.3.4/33',
  '1.2.3.4/08',
  '1.2.3.4/-1',
  '1.2.3.4/1.0',
  '1.2.3.4/255.255.255.0',
  '1.2.3.4/24',
  '1.2.3.0/23',
  '1.2.3.4/32/32',
  '/8',
  '::/129',
  '::1/127',
  '2001:db8::/28',
  '::ffff:1.2.3.4/96',
  '::ffff:0:0/95',
  '::ffff:10.0.0.0/129',
])('%j is neither an address nor a range', (text) => {
  expect(parseRange(text)).toBeUndefined()
  expect(parseAddress(text)).toBeUndefined()
})

test('a range is no address', () => {
  expect(parseAddress('10.0.0.0/8')).toBeUndefined()
  expect(parseAddress('10.0.0.0/32')).toBeUndefined()
  expect(parseAddress('10.0.0.0')).toBeDefined()
})

// Few values, so that ranges and addresses meet.
const group = fc.oneof(fc.constantFrom(0, 1, 0x8000, 0xffff, 0x7f, 0xff00), fc.nat(0xffff))
const v4 = fc.tuple(group, group).map(([a, b]) => `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`)
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((each) => each.toString(16)).join(':'))

test('what node:net takes for an address is one here, and nothing else', () => {
  const piece = fc.oneof(
    fc.constantFrom(':', '::', '.', '0', '1', '255', '256', 'ffff', '%', '01'),
    fc.nat(300).map(String),
  )
  const text = fc.oneof(
    v4,
    v6,
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.ipV4(),
    fc.ipV6(),
  )
  fc.assert(
    fc.property(text, (given) => {
      const isOne = isIP(given) !== 0 && !given.includes('%')
      expect(parseAddress(given) !== undefined, given).toBe(isOne)
      const canonical = spelled(given)
      if (canonical !== undefined && isIPv6(given) && isIPv6(canonical)) {
        expect(canonical).toBe(new URL(`http://[${given}]/`).hostname.slice(1, -1))
      }
    }),
    { numRuns: 20_000 },
  )
})

test('a range has the addresses that node:net says it has', () => {
  let inside = 0
  const cases = fc.oneof(
    fc.record({
      family: fc.constant('ipv4' as const),
      address: v4,
      other: v4,
      bits: fc.nat(32),
      flip: fc.nat(31),
    }),
    fc.record({
      family: fc.constant('ipv6' as const),
      address: v6,
      other: v6,
      bits: fc.nat(128),
      flip: fc.nat(127),
    }),
  )
  fc.assert(
    fc.property(cases, fc.boolean(), ({ family, address, other, bits, flip }, near) => {
      const range = parseAddress(address)
      // Mapped: those are of the other family here, which has a test of its own.
      if (range === undefined || (family === 'ipv6' && range.groups.length === 2)) return
      const network = { groups: range.groups.map((each, at) => each & maskOf(bits - at * 16)), length: bits }
      const tried = near ? flipped(range.groups, flip) : parseAddress(other)
      if (tried === undefined || tried.groups.length !== range.groups.length) return
      const list = new BlockList()
      const [start] = formatRange({ ...network, length: range.groups.length * 16 }).split('/')
      list.addSubnet(start ?? '', bits, family)
      const expected = list.check(formatRange(tried), family)
      if (expected) inside++
      expect(contains(network, tried)).toBe(expected)
    }),
    { numRuns: 20_000 },
  )
  expect(inside).toBeGreaterThan(3000)
})

test('one family has none of the other’s addresses', () => {
  const [all4, all6] = [parseRange('0.0.0.0/0'), parseRange('::/0')]
  const [four, six] = [parseAddress('::ffff:1.2.3.4'), parseAddress('::1.2.3.4')]
  if (!all4 || !all6 || !four || !six) throw new Error('not read')
  expect([contains(all4, four), contains(all6, four), contains(all4, six), contains(all6, six)]).toEqual([
    true,
    false,
    false,
    true,
  ])
  expect(isIPv4(formatRange(four))).toBe(true)
})

function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 16 ? 0xffff : 0xffff - (2 ** (16 - bits) - 1)
}

function flipped(groups: readonly number[], bit: number) {
  const changed = groups.map((each, at) =>
    at === Math.floor(bit / 16) ? each ^ (1 << (15 - (bit % 16))) : each,
  )
  return { groups: changed, length: groups.length * 16 }
}
