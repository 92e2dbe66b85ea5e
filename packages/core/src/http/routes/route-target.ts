import { createHash } from 'node:crypto'

// What a URL parser leaves as it is, so that the client sends what was signed.
const PATH = /^\/(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/
const QUERY = /^(?:[\w\-.~!$&()*+,;=:@/?[\]]|%[\dA-Fa-f]{2})+$/
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i
const METHOD = /^[A-Z][A-Z-]{0,31}$/

/** The longest path with query that can be signed, in characters. */
const MAX_TARGET_LENGTH = 4096

/** Whether a text is a request method as it is written on the wire: `GET`, `M-SEARCH`. */
export function isMethod(method: string): boolean {
  return METHOD.test(method)
}

/**
 * Why a path with its query cannot be signed, or `null` where it can: it would not arrive as it was signed, or not be
 * understood by all who read it alike.
 */
export function targetDefect(target: string): string | null {
  if (target.length > MAX_TARGET_LENGTH) return `it is longer than ${MAX_TARGET_LENGTH} characters`
  if (target.includes('#')) return 'a fragment is never sent: leave it out, or encode # as %23'
  const [path, query] = cut(target)
  if (!path.startsWith('/') || path.startsWith('//')) return 'it must begin with a slash, and not with two'
  if (!PATH.test(path))
    return 'its path has what must be percent-encoded: use encodeURIComponent for each segment'
  if (DOT_SEGMENT.test(path)) return 'it has a segment . or .., which clients take out'
  if (query === undefined) return null
  if (!QUERY.test(query)) {
    return query === ''
      ? 'its query is empty: leave out the ?'
      : 'its query has what must be percent-encoded: use URLSearchParams'
  }
  if (query.split('&').some(isTokenParameter)) return 'token is the name of the parameter that is added'
  return null
}

/** A request target without its token. */
export interface RouteTarget {
  readonly target: string
  readonly token: string
}

/**
 * Takes the token off a raw request target: the last parameter of its query, and the only one of that name. `null`
 * where none is there at all, `undefined` where what is there was never signed so.
 */
export function splitRouteToken(raw: string): RouteTarget | null | undefined {
  const [path, query] = cut(raw)
  if (query === undefined) return null
  const parameters = query.split('&')
  const last = parameters.at(-1) ?? ''
  if (!last.startsWith(TOKEN)) return parameters.some(isTokenParameter) ? undefined : null
  const rest = query.slice(0, -last.length - 1)
  const target = parameters.length === 1 ? path : `${path}?${rest}`
  return targetDefect(target) === null ? { target, token: last.slice(TOKEN.length) } : undefined
}

/** A target with its token. */
export function withRouteToken(target: string, token: string): string {
  return `${target}${target.includes('?') ? '&' : '?'}${TOKEN}${token}`
}

/**
 * What stands for a method and a target in the token, in place of an object's key: base64url of the SHA-256 of both with
 * a space between, as a key has neither all these characters nor this length.
 */
export function routeKey(method: string, target: string): string {
  return createHash('sha256').update(`${method} ${target}`).digest('base64url')
}

const TOKEN = 'token='

/** Also under another spelling, which the app's own parser would take for the same. */
function isTokenParameter(parameter: string): boolean {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? parameter : parameter.slice(0, equals)
  return (
    name.replace(/%[\dA-Fa-f]{2}/g, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16))) ===
    'token'
  )
}

function cut(target: string): [path: string, query: string | undefined] {
  const at = target.indexOf('?')
  return at === -1 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)]
}
