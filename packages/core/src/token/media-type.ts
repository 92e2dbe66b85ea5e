// RFC 6838, section 4.2. Narrower than a token of RFC 9110: it has no `*`, so a type never looks like a pattern.
const ESSENCE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/
const RANGE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/\*$/
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

/**
 * The `type/subtype` of a `Content-Type` value, in lower case, or `null` where the value is not exactly one media
 * type (RFC 9110, section 8.3.1): a list, a duplicate, a malformed parameter, junk.
 */
export function parseMediaType(value: string): string | null {
  const end = value.indexOf(';')
  const essence = trimSpace(end === -1 ? value : value.slice(0, end)).toLowerCase()
  if (!ESSENCE.test(essence)) return null
  let at = end
  while (at !== -1 && at < value.length) {
    at = endOfParameter(value, at + 1)
    if (at === -1) return null
  }
  return essence
}

/** Whether a type as from `parseMediaType` is among `image/png`, `image/*` or `*\/*`. An empty list allows nothing. */
export function typeAllowed(essence: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => typeMatches(essence, pattern))
}

/** Whether a text is `type/subtype`, `type/*` or `*\/*`, in lower case. */
export function isTypePattern(text: string): boolean {
  return text === '*/*' || ESSENCE.test(text) || RANGE.test(text)
}

/** The patterns that allow just what both lists allow. */
export function intersectTypes(one: readonly string[], other: readonly string[]): readonly string[] {
  const both = one.filter((pattern) => typeAllowed(pattern, other))
  for (const pattern of other) {
    if (!both.includes(pattern) && typeAllowed(pattern, one)) both.push(pattern)
  }
  return both
}

// Also right where `type` is itself a pattern: `image/*` starts with `image/`, and only `*/*` covers `*/*`.
function typeMatches(type: string, pattern: string): boolean {
  if (pattern === '*/*' || pattern === type) return true
  return pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1))
}

/** Where a parameter (`; name=value` after its semicolon) ends: at the next `;`, at the end, or -1: malformed. */
function endOfParameter(value: string, start: number): number {
  let at = skipSpace(value, start)
  // An empty parameter is allowed, as senders leave a trailing semicolon.
  if (at === value.length || value[at] === ';') return at
  const equals = value.indexOf('=', at)
  if (equals === -1 || !TOKEN.test(value.slice(at, equals))) return -1
  at = equals + 1
  const end = value[at] === '"' ? endOfQuoted(value, at + 1) : endOfToken(value, at)
  if (end === -1) return -1
  const next = skipSpace(value, end)
  return next === value.length || value[next] === ';' ? next : -1
}

function endOfQuoted(value: string, start: number): number {
  for (let at = start; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit === 0x22) return at + 1
    if (unit === 0x5c) at++
    const kept = value.charCodeAt(at)
    if (!(kept === 0x09 || (kept >= 0x20 && kept !== 0x7f && kept <= 0xff))) return -1
  }
  return -1
}

function endOfToken(value: string, start: number): number {
  let at = start
  while (at < value.length && TOKEN.test(value.charAt(at))) at++
  return at === start ? -1 : at
}

function skipSpace(value: string, start: number): number {
  let at = start
  while (value[at] === ' ' || value[at] === '\t') at++
  return at
}

function trimSpace(value: string): string {
  let end = value.length
  while (end > 0 && (value[end - 1] === ' ' || value[end - 1] === '\t')) end--
  return value.slice(skipSpace(value, 0), end)
}
