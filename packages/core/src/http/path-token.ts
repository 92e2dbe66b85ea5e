import { isToken } from '../token/index.js'

/** A path with a token in it: `/{token}/{key…}`. */
export interface PathToken {
  readonly token: string
  /** What follows: the path of the key. */
  readonly rest: string
}

/**
 * Splits a raw path whose first segment is a token, by the grammar of tokens and as it came off the wire: an escaped
 * token is a name like any other. Relative references inherit that segment, so a playlist's URL opens its segments.
 */
export function splitPathToken(path: string): PathToken | undefined {
  const end = path.indexOf('/', 1)
  if (end === -1) return undefined
  const token = path.slice(1, end)
  return isToken(token) ? { token, rest: path.slice(end) } : undefined
}

/** Begins as a token, or ends as one: what was altered or cut short is all but the token. */
const TOKEN_LIKE = /^[A-Za-z0-9_-]{1,64}\.(?:[^.~]+~)*e[0-9]+~|\.[A-Za-z0-9_-]{43}$/

/** A path for logs: a token in it may still be good, here or elsewhere. */
export function withoutTokens(path: string): string {
  return path
    .split('/')
    .map((segment) => (TOKEN_LIKE.test(segment) ? '{token}' : segment))
    .join('/')
}
