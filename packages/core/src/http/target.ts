import { decodeObjectKey } from '../token/index.js'
import { soleParameter } from './query-parameter.js'

/** What a request is about, read off its raw path. */
export interface Target {
  readonly key: string
  /** As it stands in the query; `undefined` where there is none. */
  readonly token: string | undefined
  /** The raw query, for the operations that have parameters of their own. */
  readonly query: string
}

/** Reads key and token off a raw path, or says why it cannot. Other query parameters change nothing. */
export function parseTarget(path: string): Target | 'invalid_key' | 'ambiguous_token' {
  const queryStart = path.indexOf('?')
  const decoded = decodeObjectKey(queryStart === -1 ? path : path.slice(0, queryStart))
  if (!decoded.ok) return 'invalid_key'
  const query = queryStart === -1 ? '' : path.slice(queryStart + 1)
  // Undecoded: a token needs no escaping, and an escaped one would be a second spelling.
  const token = soleParameter(query, 'token')
  return token === null ? 'ambiguous_token' : { key: decoded.key, token, query }
}
