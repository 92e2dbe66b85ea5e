/**
 * The one value of a query parameter, undecoded; `undefined` where it is absent, `null` where it is there twice: a
 * proxy and we might pick different ones.
 */
export function soleParameter(query: string, name: string): string | undefined | null {
  let found: string | undefined
  for (let start = 0; start <= query.length; ) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    const value = valueIn(query, start, end, name)
    start = end + 1
    if (value === undefined) continue
    if (found !== undefined) return null
    found = value
  }
  return found
}

/** The value of the parameter from `start` to `end`, if it has the name. */
function valueIn(query: string, start: number, end: number, name: string): string | undefined {
  const after = start + name.length
  if (after > end || !query.startsWith(name, start)) return undefined
  if (after === end) return ''
  return query.charAt(after) === '=' ? query.slice(after + 1, end) : undefined
}
