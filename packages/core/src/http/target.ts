import type { GateRequest } from '../contracts/gate.js'
import { asksToConfirm, decodeObjectKey } from '../token/index.js'
import { type PathToken, splitPathToken } from './path-token.js'
import { soleParameter } from './query-parameter.js'

/** What a request is about, read off its raw path. */
export interface Target {
  readonly key: string
  /** As it stands in the query or the path; `undefined` where there is none. */
  readonly token: string | undefined
  /** Where the token stands. One in the path reads objects, and does nothing else. */
  readonly place: 'query' | 'path'
  /** The raw query, for the operations that have parameters of their own. */
  readonly query: string
}

/**
 * Reads key and token off a raw path, or says why it cannot. Other query parameters change nothing.
 *
 * A token in the query goes with a path that is all key. Without one the first segment of the path may be the token,
 * to GET and HEAD, and to the POST that confirms a download: to other methods it is a part of the key, as what was made
 * for relative references is to read with.
 */
export function parseTarget({
  method,
  path,
}: Pick<GateRequest, 'method' | 'path'>): Target | 'invalid_key' | 'ambiguous_token' {
  const queryStart = path.indexOf('?')
  const rawPath = queryStart === -1 ? path : path.slice(0, queryStart)
  const query = queryStart === -1 ? '' : path.slice(queryStart + 1)
  // Undecoded: a token needs no escaping, and an escaped one would be a second spelling.
  const token = soleParameter(query, 'token')
  const inPath = token === undefined ? readingToken(method, rawPath) : undefined
  const decoded = decodeObjectKey(inPath?.rest ?? rawPath)
  if (!decoded.ok) return 'invalid_key'
  if (token === null) return 'ambiguous_token'
  const { key } = decoded
  return inPath === undefined
    ? { key, token, place: 'query', query }
    : { key, token: inPath.token, place: 'path', query }
}

function readingToken(method: string, path: string): PathToken | undefined {
  const reads = method === 'GET' || method === 'HEAD'
  if (!reads && method !== 'POST') return undefined
  const split = splitPathToken(path)
  return reads || (split !== undefined && asksToConfirm(split.token)) ? split : undefined
}
