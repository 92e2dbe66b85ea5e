import { decodeObjectKey } from '../token/index.js'

/** What a request is about, read off its raw path. */
export interface Target {
  readonly key: string
  /** As it stands in the query; `undefined` where there is none. */
  readonly token: string | undefined
}

/** Reads key and token off a raw path, or says why it cannot. Other query parameters change nothing. */
export function parseTarget(path: string): Target | 'invalid_key' | 'ambiguous_token' {
  const queryStart = path.indexOf('?')
  const decoded = decodeObjectKey(queryStart === -1 ? path : path.slice(0, queryStart))
  if (!decoded.ok) return 'invalid_key'
  if (queryStart === -1) return { key: decoded.key, token: undefined }
  const token = soleToken(path.slice(queryStart + 1))
  return token === null ? 'ambiguous_token' : { key: decoded.key, token }
}

const PARAMETER = 'token='

/**
 * The one `token` parameter, undecoded: a token needs no escaping, and an escaped one would be a second spelling.
 * `null` where there are several, of which a proxy and we might pick different ones.
 */
function soleToken(query: string): string | undefined | null {
  let token: string | undefined
  for (const parameter of query.split('&')) {
    if (!parameter.startsWith(PARAMETER)) continue
    if (token !== undefined) return null
    token = parameter.slice(PARAMETER.length)
  }
  return token
}
