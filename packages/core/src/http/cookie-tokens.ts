import type { GateRequest } from '../contracts/gate.js'
import { isToken } from '../token/index.js'

/** The name of every cookie of Latchkey's; which tree it opens is told by its path, and by its token. */
export const COOKIE_NAME = 'latchkey'

/** Cookies of nested paths come together. A browser sends the longest path first (RFC 6265, section 5.4). */
const MOST_COOKIES = 8

/**
 * The tokens in a request's cookies, in the order in which they came, 8 at most. The value of a cookie is a token as it
 * is, by the grammar of tokens: neither quoted nor escaped. All other cookies, malformed ones too, are somebody else's.
 */
export function cookieTokens(request: GateRequest): readonly string[] {
  const tokens: string[] = []
  for (const pair of (request.header('cookie') ?? '').split(';')) {
    const [name, value] = cut(pair)
    if (name !== COOKIE_NAME || !isToken(value)) continue
    tokens.push(value)
    if (tokens.length === MOST_COOKIES) break
  }
  return tokens
}

function cut(pair: string): readonly [name: string, value: string] {
  const start = pair.startsWith(' ') ? 1 : 0
  const equals = pair.indexOf('=')
  return equals === -1 ? ['', ''] : [pair.slice(start, equals), pair.slice(equals + 1)]
}
