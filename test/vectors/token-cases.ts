import type { Operation, VerifyFailure } from '@latchkey/core/token'
import { AUDIENCE, b64, END, type ForgedBlock, type Forging, forge, KEY, NOW } from './forge.js'

export interface TokenCase {
  readonly name: string
  readonly token: string
  readonly audience: string
  readonly key: string
  readonly operation: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly code: 'ok' | VerifyFailure['code']
}

type Request = Partial<Pick<TokenCase, 'audience' | 'key' | 'operation' | 'now' | 'code'>>

function given(name: string, token: string, code: TokenCase['code'], request: Request = {}): TokenCase {
  return { name, token, audience: AUDIENCE, key: KEY, operation: 'get', now: NOW, code, ...request }
}

function holds(name: string, blocks: readonly ForgedBlock[], request: Request = {}, forging: Forging = {}) {
  const { key = KEY, audience = AUDIENCE } = request
  return given(name, forge(blocks, { key, audience, ...forging }), 'ok', request)
}

function refused(name: string, blocks: readonly ForgedBlock[], request: Request = {}, forging: Forging = {}) {
  return holds(name, blocks, { code: 'invalid_signature', ...request }, forging)
}

const G = `e${END}~og`
const P = `e${END}~op`
const LATER = `e${END}~og`
const put = { operation: 'put' } as const
const base = forge([G])
const mac = base.slice(-43)
const UTF8 = 'übung/日本/📎 a+b%2F.txt'

const valid: readonly TokenCase[] = [
  holds('get link', [G]),
  holds('every operation', [`e${END}~odghp`], { operation: 'delete' }),
  holds('every field of a first block', [
    `a${b64('image/png,image/*')}~c0~d${b64('aQ3 – Übersicht.pdf')}~e${END}~f${b64('"v1"')}~h${b64(
      'content-language: de\ncontent-type: text/plain; charset=utf-8',
    )}~i${'A'.repeat(16)}~m9007199254740991~n0~odghp~q1~r1~s${b64('user 7')}~u${b64('{"a":\n1}')}~v1~w1~x1`,
  ]),
  holds('last valid millisecond', [G], { now: END * 1000 - 1 }),
  holds('first valid millisecond', [`e${END}~n1795280000~og`]),
  holds('key in UTF-8', [G], { key: UTF8 }),
  holds('prefix', [[`e${END}~og~p13`, 'reports/2026/']]),
  holds('prefix in UTF-8', [[`e${END}~og~p14`, 'übung/日本/']], { key: UTF8 }),
  holds('prefix of everything', [[`e${END}~og~p0`, '']]),
  holds('audience in UTF-8', [G], { audience: 'Dateien – 日本' }),
  holds('retired key', [G], {}, { kid: '2025-04' }),
  holds('nothing may be uploaded', [`anone~e${END}~m0~op`], put),
  holds('inline', [`d${b64('i')}~${G}`]),
  holds('file name of 255 code points', [`d${b64(`a${'📎'.repeat(255)}`)}~${G}`]),
  holds(
    'eight blocks',
    Array.from({ length: 8 }, () => G),
  ),
  holds('upload creates', [P], put),
  holds('upload replaces', [`${P}~w1`], put),
  holds('upload replaces one version', [`e${END}~f${b64('"v1"')}~op`], put),
  holds('overwriting given up', [`${P}~w1`, 'w0'], put),
  holds('overwriting not gained', [P, 'w1'], put),
  holds('overwriting narrowed to a version', [`${P}~w1`, `f${b64('"v1"')}`], put),
  holds('two versions: none', [`e${END}~f${b64('"v1"')}~op`, `f${b64('"v2"')}`], put),
  holds('create only, then a version: nothing', [P, `f${b64('"v1"')}`], put),
  holds('a version, then create only: nothing', [`e${END}~f${b64('"v1"')}~op`, 'q1'], put),
  holds('delete of one version', [`e${END}~f${b64('"v1"')}~od`], { operation: 'delete' }),
  holds('public given up', [`${P}~v1`, 'v0'], put),
  holds('public not gained', [P, 'v1'], put),
  holds('suffix turned on', [P, 'r1'], put),
  holds('types intersect', [`a${b64('image/*,text/plain')}~${P}`, `a${b64('image/png,*/*')}`], put),
  holds('types intersect to none', [`a${b64('image/*')}~${P}`, `a${b64('text/*')}`], put),
  holds('types stay none', [`anone~${P}`, `a${b64('*/*')}`], put),
  holds('smallest size wins', [`e${END}~m10~op`, 'm5', 'm20'], put),
  holds('later end changes nothing', [G, `e${END + 9}`]),
  holds('latest start wins', [`e${END}~n1795280000~og`, 'n1795279000']),
  holds('prefix, then key', [[`e${END}~ogh~p13`, 'reports/2026/'], G]),
  holds('prefix, then narrower prefix', [
    [`e${END}~ogh~p8`, 'reports/'],
    ['p13', 'reports/2026/'],
  ]),
  holds('key, then prefix: the key', [G, ['p8', 'reports/']]),
  holds('block without scope', [G, ['ogh~p0', '']]),
  holds('overrides', [`${G}~x1`, `c5~d${b64('ab.pdf')}~h${b64('x-robots-tag: none')}`]),
  holds('overrides passed on', [`c9~${G}~x1`, 'x1', 'c5']),
]

const late: readonly TokenCase[] = [
  refused('expired', [G], { code: 'expired', now: END * 1000 }),
  refused('expired by a later block', [G, 'e1795280000'], { code: 'expired' }),
  refused('not revived by a later block', [G, `e${END + 60}`], { code: 'expired', now: END * 1000 }),
  refused('time 0', ['e0~og'], { code: 'expired' }),
  refused('not yet', [`e${END}~n1795280001~og`], { code: 'not_yet_valid' }),
  refused('not yet by a later block', [G, 'n1795280001'], { code: 'not_yet_valid' }),
  refused('not hastened by a later block', [`e${END}~n1795280001~og`, 'n1'], { code: 'not_yet_valid' }),
  refused('expired before its start', [`e1795280000~n${END}~og`], { code: 'expired' }),
  refused('expired, wrong operation too', ['e1795280000~oh'], { code: 'expired' }),
]

const foreign: readonly TokenCase[] = [
  refused('other operation', [G], { operation: 'head' }),
  refused('operation not gained', [G, 'ogh'], { operation: 'head' }),
  refused('no operation left', [G, 'oh']),
  given('other key', base, 'invalid_signature', { key: 'reports/2026/q4.pdf' }),
  given('key in other case', base, 'invalid_signature', { key: 'reports/2026/Q3.pdf' }),
  given('key in other normal form', forge([G], { key: 'é' }), 'invalid_signature', { key: 'e\u0301' }),
  given('other audience', base, 'invalid_signature', { audience: 'https://app.example.com/other' }),
  given('kid of another key', base.replace('2026-11', '2025-04'), 'invalid_signature'),
  given('unknown kid', base.replace('2026-11', '2027-01'), 'invalid_signature'),
  refused('key removed from the ring', [G], {}, { kid: 'removed' }),
  given('outside the prefix', forge([[`e${END}~og~p13`, 'reports/2026/']]), 'invalid_signature', {
    key: 'reports/2025/q3.pdf',
  }),
  given('prefix longer than the key', forge([[`e${END}~og~p13`, 'reports/2026/']]), 'invalid_signature', {
    key: 'a/b',
  }),
  refused('prefix that ends in a segment', [[`e${END}~og~p7`, 'reports']]),
  refused('prefix that ends in a character', [[`e${END}~og~p1`, '\u00c3']], { key: UTF8 }),
  refused('key, then another prefix', [G, ['p6', 'other/']]),
  refused('key, then another key', [G, ['oh', 'other']]),
  given('later block about another key', forge([[`e${END}~og~p8`, 'reports/'], G]), 'invalid_signature', {
    key: 'reports/2026/q4.pdf',
  }),
]

const bytes = (count: number) => 'x'.repeat(count)

const grammar: readonly TokenCase[] = [
  given('empty', '', 'invalid_signature'),
  given('no block', `2026-11.${mac}`, 'invalid_signature'),
  refused('empty block', ['']),
  refused('empty later block', [G, '']),
  given('no kid', base.slice('2026-11'.length), 'invalid_signature'),
  given('kid with a space', base.replace('2026-11', '2026 11'), 'invalid_signature'),
  given('kid of 65 characters', base.replace('2026-11', bytes(65)), 'invalid_signature'),
  given('no MAC', base.slice(0, -44), 'invalid_signature'),
  given('empty MAC', base.slice(0, -43), 'invalid_signature'),
  given('short MAC', base.slice(0, -1), 'invalid_signature'),
  given('long MAC', `${base}A`, 'invalid_signature'),
  given('padded MAC', `${base}=`, 'invalid_signature'),
  given('MAC with unused bits set', base.slice(0, -1) + next(base.slice(-1)), 'invalid_signature'),
  given('MAC in base64', base.slice(0, -43) + standard(mac), 'invalid_signature'),
  given('MAC with a character over U+00FF', `${base.slice(0, -43)}${widened(mac)}`, 'invalid_signature'),
  given('another MAC', base.slice(0, -43) + forge([`e${END}~oh`]).slice(-43), 'invalid_signature'),
  given('line feed behind', `${base}\n`, 'invalid_signature'),
  given('space in front', ` ${base}`, 'invalid_signature'),
  refused('unknown letter', [`${G}~k1`]),
  refused('reserved letter', [`b1~${G}`]),
  refused('reserved letter in a later block', [G, 'l1']),
  refused('upper-case letter', [`E${END}~og`]),
  refused('no end', ['og']),
  refused('no operations', [`e${END}`]),
  refused('wrong order', [`og~e${END}`]),
  refused('duplicate', [`e${END}~e${END}~og`]),
  refused('empty value', [`e${END}~m~og`]),
  refused('tilde in front', [`~${G}`]),
  refused('tilde behind', [`${G}~`]),
  refused('leading zero', [`e0${END}~og`]),
  refused('sign', [`e+${END}~og`]),
  refused('negative', [`e-${END}~og`]),
  refused('fraction', [`e${END}.5~og`]),
  refused('exponent', ['e1e10~og']),
  refused('digits that are not ASCII', ['e١٧٩٥٢٨٣٦٠٠~og']),
  refused('time after the year 9999', ['e253402300800~og']),
  refused('start after the year 9999', [`e${END}~n253402300800~og`], { code: 'invalid_signature' }),
  refused('huge time', [`e${'9'.repeat(400)}~og`]),
  refused('size over 2^53 - 1', [`e${END}~m9007199254740992~og`]),
  refused('cache age over a year', [`c31536001~${G}`]),
  refused('prefix too long', [[`e${END}~og~p1024`, KEY]]),
  refused('operations out of order', [`e${END}~ohg`]),
  refused('operation twice', [`e${END}~ogg`]),
  refused('unknown operation', [`e${END}~ogx`]),
  refused('flag 0', [`${G}~r0`]),
  refused('create only 0', [`${G}~q0`]),
  refused('flag 2', [`${G}~v2`]),
  refused('flag twice', [`${G}~w11`]),
  refused('overrides true', [`${G}~xtrue`]),
]

const texts: readonly TokenCase[] = [
  refused('unused bits set', [`${G}~s${b64('x').slice(0, -1)}B`]),
  refused('impossible length', [`${G}~sAAAAA`]),
  refused('padding', [`${G}~seA==`]),
  refused('base64 alphabet', [`${G}~s+/+/`]),
  refused('not UTF-8', [`${G}~s_w`]),
  refused('overlong UTF-8', [`${G}~swK8`]),
  refused('surrogate in UTF-8', [`${G}~s7aCA`]),
  refused('subject too long', [`${G}~s${b64(bytes(257))}`]),
  refused('payload too long', [`${G}~u${b64(bytes(2049))}`]),
  refused('id too short', [`e${END}~i${'A'.repeat(15)}~og`]),
  refused('id too long', [`e${END}~i${'A'.repeat(18)}~og`]),
  refused('type in upper case', [`a${b64('image/PNG')}~${P}`], put),
  refused('type without subtype', [`a${b64('image')}~${P}`], put),
  refused('type with a parameter', [`a${b64('text/plain;charset=utf-8')}~${P}`], put),
  refused('type with a star inside', [`a${b64('image/p*')}~${P}`], put),
  refused('any type of a subtype', [`a${b64('*/png')}~${P}`], put),
  refused('empty type', [`a${b64('image/png,')}~${P}`], put),
  refused('type and line feed', [`a${b64('image/png\n')}~${P}`], put),
  refused('weak ETag', [`e${END}~f${b64('W/"v1"')}~op`], put),
  refused('ETag without quotes', [`e${END}~f${b64('v1')}~op`], put),
  refused('two ETags', [`e${END}~f${b64('"a", "b"')}~op`], put),
  refused('ETag too long', [`e${END}~f${b64(`"${bytes(255)}"`)}~op`], put),
  refused('disposition', [`d${b64('x')}~${G}`]),
  refused('file name with a line feed', [`d${b64('aa\nb')}~${G}`]),
  refused('file name with a C1 control', [`d${b64('aa\u0085b')}~${G}`]),
  refused('file name too long', [`d${b64(`a${bytes(256)}`)}~${G}`]),
  refused('header not allowed', [`${G.slice(0, -3)}~h${b64('set-cookie: a=b')}~og`]),
  refused('header in upper case', [`e${END}~h${b64('Content-Type: text/plain')}~og`]),
  refused('headers out of order', [`e${END}~h${b64('expires: 0\ncontent-type: text/plain')}~og`]),
  refused('header twice', [`e${END}~h${b64('expires: 0\nexpires: 0')}~og`]),
  refused('header without space', [`e${END}~h${b64('expires:0')}~og`]),
  refused('header without value', [`e${END}~h${b64('expires: ')}~og`]),
  refused('header with CR', [`e${END}~h${b64('expires: 0\r\ncontent-type: a/b')}~og`]),
  refused('header with NUL', [`e${END}~h${b64('expires: 0\0')}~og`]),
  refused('header over U+00FF', [`e${END}~h${b64('expires: Ā')}~og`]),
  refused('header with a tab', [`e${END}~h${b64('expires: a\tb')}~og`]),
  refused('header with a space behind', [`e${END}~h${b64('expires: 0 ')}~og`]),
  refused('two content types', [`e${END}~h${b64('content-type: image/png, text/html')}~og`]),
  refused('content type with a broken parameter', [`e${END}~h${b64('content-type: text/html; a=b c')}~og`]),
]

const placed: readonly TokenCase[] = [
  refused(
    'nine blocks',
    Array.from({ length: 9 }, () => LATER),
  ),
  refused('too long', [`${G}~u${b64(bytes(2048))}`, `a${b64(`a/${bytes(127)},`.repeat(8).slice(0, -1))}`]),
  refused('id in a later block', [G, `i${'A'.repeat(16)}`]),
  refused('subject in a later block', [`${G}~x1`, `s${b64('eve')}`]),
  refused('payload in a later block', [`${G}~x1`, `u${b64('{}')}`]),
  refused('cache age not granted', [G, 'c5']),
  refused('file name not granted', [G, `d${b64('i')}`]),
  refused('headers not granted', [G, `h${b64('content-type: text/html')}`]),
  refused('overrides refused', [`${G}~x0`, 'c5']),
  refused('overrides granted to oneself', [G, 'c5~x1']),
  refused('overrides granted by a later block alone', [G, 'x1', 'c5']),
  refused('overrides not passed on', [`${G}~x1`, 'og', 'c5']),
  refused('overrides not granted, expired too', [G, 'c5'], { now: END * 1000 }),
  refused('key that is none', [G], { key: 'reports/../q3.pdf' }),
  refused('key with a line feed', [G], { key: 'a\nb' }),
  refused('key with a slash in front', [G], { key: '/a' }),
  refused('key with a backslash', [G], { key: 'a\\b' }),
  refused('key too long', [G], { key: bytes(1025) }),
]

function next(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + 1)
}

function standard(text: string): string {
  return text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/^[^+/]/, '+')
}

/** The same characters to whoever keeps the low byte only. */
function widened(text: string): string {
  return String.fromCharCode(text.charCodeAt(0) + 0x100) + text.slice(1)
}

export const TOKEN_CASES: readonly TokenCase[] = [
  ...valid,
  ...late,
  ...foreign,
  ...grammar,
  ...texts,
  ...placed,
]
