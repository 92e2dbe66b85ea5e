import { createHash } from 'node:crypto'
import { AUDIENCE, END, type ForgedBlock, forge, NOW } from './forge.js'

/** A request that may be one to a signed route, and what it is told. */
export interface RouteCase {
  readonly name: string
  readonly method: string
  /** The request target off the wire. */
  readonly requestTarget: string
  readonly now: number
  readonly code: 'ok' | 'token_required' | 'invalid_signature' | 'expired' | 'not_yet_valid'
}

const BLOCK = `e${END}~og`

function tokenFor(
  method: string,
  target: string,
  blocks: readonly ForgedBlock[] = [BLOCK],
  audience = `${AUDIENCE}#routes`,
): string {
  const key = createHash('sha256').update(`${method} ${target}`).digest('base64url')
  return forge(blocks, { audience, key })
}

/** The target with its token. */
function signed(target: string, ...more: [blocks?: readonly ForgedBlock[], audience?: string]): string {
  return `${target}${target.includes('?') ? '&' : '?'}token=${tokenFor('GET', target, ...more)}`
}

const TARGET = '/unsubscribe?user=7&list=a%2Fb'
const TOKEN = tokenFor('GET', TARGET)

function requests(): [
  name: string,
  requestTarget: string,
  code: RouteCase['code'],
  more?: Partial<RouteCase>,
][] {
  return [
    ['a path and a query', signed(TARGET), 'ok'],
    ['a path alone', signed('/a'), 'ok'],
    ['the root', signed('/'), 'ok'],
    ['a slash at the end', signed('/a/'), 'ok'],
    ['two slashes inside', signed('/a//b'), 'ok'],
    ['escapes, a slash among them', signed('/a%2Fb/%c3%BC%61'), 'ok'],
    ['all marks of a path', signed("/-._~!$&'()*+,;=:@"), 'ok'],
    ['all marks of a query', signed('/a?-._~!$&()*+,;=:@/?[]'), 'ok'],
    ['a query of empty parameters', signed('/a?&&'), 'ok'],
    ['token inside names and values', signed('/a?next=/b?token=1&tokens=2&mytoken&x[token]=3'), 'ok'],
    ['the absolute form', `http://app.example.com${signed(TARGET)}`, 'ok'],
    ['4 096 characters', signed(`/${'x'.repeat(4095)}`), 'ok'],
    ['a POST', `/a?token=${tokenFor('POST', '/a')}`, 'ok', { method: 'POST' }],
    ['narrowed', signed(TARGET, [BLOCK, [`e${END - 60}~p0`, '']]), 'ok'],
    ['with subject and payload', signed(TARGET, [`${BLOCK}~sYQ~uYg`]), 'ok'],
    ['no query', '/a', 'token_required'],
    ['a query without a token', TARGET, 'token_required'],
    ['a token behind a semicolon', `${TARGET};token=${TOKEN}`, 'token_required'],
    ['HEAD for GET', signed(TARGET), 'invalid_signature', { method: 'HEAD' }],
    ['GET for HEAD', `/a?token=${tokenFor('HEAD', '/a')}`, 'invalid_signature'],
    ['another path', `/b?${TARGET.split('?')[1]}&token=${TOKEN}`, 'invalid_signature'],
    ['a slash more', `${TARGET.replace('?', '/?')}&token=${TOKEN}`, 'invalid_signature'],
    ['another escape of the same', `${TARGET.replace('%2F', '%2f')}&token=${TOKEN}`, 'invalid_signature'],
    ['a parameter more', `${TARGET}&x&token=${TOKEN}`, 'invalid_signature'],
    ['a parameter behind the token', `${TARGET}&token=${TOKEN}&x`, 'invalid_signature'],
    ['another order', `/unsubscribe?list=a%2Fb&user=7&token=${TOKEN}`, 'invalid_signature'],
    ['the token twice', `${TARGET}&token=${TOKEN}&token=${TOKEN}`, 'invalid_signature'],
    ['a token in another spelling', signed('/a?%74oken=x'), 'invalid_signature'],
    ['a signed parameter token', signed('/a?token'), 'invalid_signature'],
    ['an empty token', `${TARGET}&token=`, 'invalid_signature'],
    ['a signed empty query', `/a?&token=${tokenFor('GET', '/a?')}`, 'invalid_signature'],
    ['signed dot segments', signed('/a/../b'), 'invalid_signature'],
    ['signed dot segments, escaped', signed('/a/.%2E'), 'invalid_signature'],
    ['two signed slashes at the beginning', signed('//host/a'), 'invalid_signature'],
    ['a signed character that clients escape', signed('/a?x={}'), 'invalid_signature'],
    ['a signed apostrophe in the query', signed("/a?x='"), 'invalid_signature'],
    ['a signed backslash', signed('/a\\b'), 'invalid_signature'],
    ['a signed half of an escape', signed('/a%2'), 'invalid_signature'],
    ['a signed fragment', signed('/a#b'), 'invalid_signature'],
    ['a fragment behind the token', `${signed('/a')}#b`, 'invalid_signature'],
    ['4 097 characters', signed(`/${'x'.repeat(4096)}`), 'invalid_signature'],
    ['the audience of files', signed(TARGET, [BLOCK], AUDIENCE), 'invalid_signature'],
    ['the audience of uploads in parts', signed(TARGET, [BLOCK], `${AUDIENCE}#uploads`), 'invalid_signature'],
    ['a token for every route', signed(TARGET, [[`${BLOCK}~p0`, '']]), 'invalid_signature'],
    ['no operation get', signed(TARGET, [`e${END}~ohp`]), 'invalid_signature'],
    ['a download limit', signed(TARGET, [`e${END}~iAAECAwQFBgcICQoL~l1~og`]), 'invalid_signature'],
    ['a pin', signed(TARGET, [`${BLOCK}~tYQ`]), 'invalid_signature'],
    ['over', signed(TARGET), 'expired', { now: END * 1000 }],
    ['narrowed and over', signed(TARGET, [BLOCK, [`e${NOW / 1000}~p0`, '']]), 'expired'],
    ['not begun', signed(TARGET, [`e${END}~n${END - 1}~og`]), 'not_yet_valid'],
  ]
}

/** Requests to signed routes of the mount with the audience of all vectors. */
export const ROUTE_CASES: readonly RouteCase[] = requests().map(([name, requestTarget, code, more]) => ({
  name,
  method: 'GET',
  requestTarget,
  now: NOW,
  code,
  ...more,
}))
