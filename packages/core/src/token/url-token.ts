import { invalid } from './option-values.js'
import { isToken } from './token-text.js'

/** A URL, cut around its token. */
export interface SplitUrl {
  readonly before: string
  readonly token: string
  readonly after: string
}

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Finds the token of a URL: the one `token` of its query or, where it has none, the one segment of its path that is a
 * token. Text work only: a parser of URLs would respell the path, which is what the token is for.
 *
 * @throws LatchkeyError `invalid_option` where there is none, or more than one
 */
export function splitAtToken(url: string): SplitUrl {
  const end = indexOr(url, '#', url.length)
  const queryStart = indexOr(url.slice(0, end), '?', end)
  const inQuery = parameters(url, queryStart + 1, end)
  const found = inQuery.length > 0 ? inQuery : segments(url, queryStart)
  if (found.length > 1) throw invalid('The URL has more than one token')
  const [span] = found
  if (span === undefined) throw invalid('The URL has no token')
  return {
    before: url.slice(0, span.from),
    token: url.slice(span.from, span.to),
    after: url.slice(span.to),
  }
}

const NAME = 'token='

function parameters(url: string, start: number, end: number): Span[] {
  const found: Span[] = []
  for (let at = start; at <= end; ) {
    const to = indexOr(url.slice(0, end), '&', end, at)
    if (url.startsWith(NAME, at)) found.push({ from: at + NAME.length, to })
    at = to + 1
  }
  return found
}

/** The last segment is the object's name, or empty: a token comes before it. */
function segments(url: string, end: number): Span[] {
  const found: Span[] = []
  for (let at = 0, to = url.indexOf('/'); to !== -1 && to < end; to = url.indexOf('/', at)) {
    if (isToken(url.slice(at, to))) found.push({ from: at, to })
    at = to + 1
  }
  return found
}

function indexOr(text: string, character: string, otherwise: number, from = 0): number {
  const at = text.indexOf(character, from)
  return at === -1 ? otherwise : at
}
