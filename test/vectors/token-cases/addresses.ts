import { b64, END } from '../forge.js'
import { G, holds, P, put, refused, type TokenCase } from './case.js'

const bound = (list: string) => `b${b64(list)}~${G}`
const at = (address: string) => ({ address })
const elsewhere = (address: string) => ({ address, code: 'address_not_allowed' }) as const
const HOME = '203.0.113.7'

/** Tokens that are bound to addresses. */
export const addresses: readonly TokenCase[] = [
  holds('address: the one', [bound(HOME)], at(HOME)),
  holds('address: mapped to IPv6', [bound(HOME)], at(`::ffff:${HOME}`)),
  holds('address: mapped, in hexadecimal', [bound(HOME)], at('::FFFF:cb00:7107')),
  holds('address: first of a range', [bound('10.0.0.0/8')], at('10.0.0.0')),
  holds('address: last of a range', [bound('10.0.0.0/8')], at('10.255.255.255')),
  holds('address: range of odd length', [bound('10.1.2.128/25')], at('10.1.2.200')),
  holds('address: all of IPv4', [bound('0.0.0.0/0')], at('255.1.2.3')),
  holds('address: IPv6', [bound('2001:db8::1')], at('2001:0DB8:0:0:0:0:0:1')),
  holds('address: range of IPv6', [bound('2001:db8::/33')], at('2001:db8:7fff::1')),
  holds('address: several', [bound('10.0.0.0/8,2001:db8::/32,203.0.113.7')], at('2001:db8::5')),
  holds(
    'address: of nested ranges the narrower',
    [bound('10.0.0.0/8'), `b${b64('10.1.0.0/16')}`],
    at('10.1.2.3'),
  ),
  holds(
    'address: a wider range gains nothing',
    [bound('10.1.0.0/16'), `b${b64('10.0.0.0/8')}`],
    at('10.1.2.3'),
  ),
  holds('address: stays with later blocks', [bound(HOME), 'm5'], at(HOME)),
  holds('address: to upload', [`b${b64(HOME)}~${P}`], { ...put, ...at(HOME) }),
  holds('address: a token without is for any', [G], at('no address')),
  refused('address: another', [bound(HOME)], elsewhere('203.0.113.8')),
  refused('address: none', [bound(HOME)], { code: 'address_not_allowed' }),
  refused('address: that is none', [bound('0.0.0.0/0,::/0')], elsewhere('fe80::1%eth0')),
  refused('address: with a port', [bound(HOME)], elsewhere(`${HOME}:80`)),
  refused('address: as octal', [bound('10.0.0.8')], elsewhere('10.0.0.010')),
  refused('address: one behind a range', [bound('10.1.2.128/25')], elsewhere('10.1.3.0')),
  refused('address: one before a range', [bound('10.1.2.128/25')], elsewhere('10.1.2.127')),
  refused('address: IPv6 behind a range', [bound('2001:db8::/33')], elsewhere('2001:db8:8000::')),
  refused('address: all of IPv6 has none of IPv4', [bound('::/0')], elsewhere('::ffff:1.2.3.4')),
  refused('address: all of IPv4 has none of IPv6', [bound('0.0.0.0/0')], elsewhere('::1.2.3.4')),
  refused(
    'address: not gained by a later block',
    [bound(HOME), `b${b64('203.0.113.8')}`],
    elsewhere('203.0.113.8'),
  ),
  refused('address: nobody is left', [bound(HOME), `b${b64('203.0.113.8')}`], elsewhere(HOME)),
  refused('address: expired, too', [`b${b64(HOME)}~e1795280000~og`], { ...at('1.2.3.4'), code: 'expired' }),
  refused('address: wrong operation, too', [`b${b64(HOME)}~e${END}~oh`], at('1.2.3.4')),
  ...[
    ['no entry', ''],
    ['empty entry', '10.0.0.0/8,'],
    ['descending', '203.0.113.7,10.0.0.1'],
    ['twice', '10.0.0.1,10.0.0.1'],
    ['bits behind the prefix', '10.0.0.1/8'],
    ['whole length', '10.0.0.1/32'],
    ['whole length of IPv6', '::1/128'],
    ['leading zero', '10.0.0.01'],
    ['leading zero of a length', '10.0.0.0/08'],
    ['length over 32', '10.0.0.0/33'],
    ['upper case', '2001:DB8::1'],
    ['not shortened', '2001:db8:0:0:0:0:0:1'],
    ['one group shortened', '1::3:4:5:6:7:8'],
    ['the later zeros shortened', '1:0:0:2:3::4'],
    ['the shorter zeros shortened', '1::2:0:0:0:3'],
    ['leading zero in a group', '2001:0db8::1'],
    ['mapped', '::ffff:10.0.0.1'],
    ['mapped, in hexadecimal', '::ffff:a00:1'],
    ['mapped range', '::ffff:10.0.0.0/104'],
    ['dotted IPv6', '64:ff9b::1.2.3.4'],
    ['zone', 'fe80::1%eth0'],
    ['space', '10.0.0.1, 10.0.0.2'],
    ['a name', 'localhost'],
    ['65 entries', Array.from({ length: 65 }, (_, n) => `10.0.0.${n + 100}`).join(',')],
  ].map(([name, list = '']) =>
    refused(`address: spelled with ${name}`, [list === '' ? `b~${G}` : bound(list)], {
      address: '10.0.0.1',
    }),
  ),
  holds(
    'address: 64 entries',
    [bound(Array.from({ length: 64 }, (_, n) => `10.0.0.${n + 100}`).join(','))],
    at('10.0.0.163'),
  ),
]
