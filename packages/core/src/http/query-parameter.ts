/**
 * The one value of a query parameter, undecoded; `undefined` where it is absent, `null` where it is there twice: a
 * proxy and we might pick different ones.
 */
export function soleParameter(query: string, name: string): string | undefined | null {
  let found: string | undefined
  for (const parameter of query.split('&')) {
    const value = valueIn(parameter, name)
    if (value === undefined) continue
    if (found !== undefined) return null
    found = value
  }
  return found
}

function valueIn(parameter: string, name: string): string | undefined {
  if (!parameter.startsWith(name)) return undefined
  if (parameter.length === name.length) return ''
  return parameter.charAt(name.length) === '=' ? parameter.slice(name.length + 1) : undefined
}
