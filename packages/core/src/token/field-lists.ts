import { encodedText, type Spelling } from './field-values.js'
import type { SignedHeaderName, SignedHeaders } from './grant.js'
import { isTypePattern, parseMediaType } from './media-type.js'

const MAX_LIST_BYTES = 2048

const typeList = encodedText(MAX_LIST_BYTES, (text) => text.split(',').every(isTypePattern))

/** Media types joined by commas, as base64url; the bare text `none` (no UTF-8 decodes from it) for no type at all. */
export const allowedTypes: Spelling<readonly string[]> = {
  read: (text) => (text === 'none' ? [] : typeList.read(text)?.split(',')),
  write: (types) => (types.length === 0 ? 'none' : typeList.write(types.join(','))),
}

const HEADER_NAMES = {
  'cache-control': true,
  'content-encoding': true,
  'content-language': true,
  'content-type': true,
  expires: true,
  'x-robots-tag': true,
} as const satisfies Record<SignedHeaderName, true>

/** Whether a header, in lower case, is one that a signer may fix. */
export function isSignedHeaderName(name: string): name is SignedHeaderName {
  return Object.hasOwn(HEADER_NAMES, name)
}

// Visible Latin-1 characters with spaces between them. The space is no character of its neighbours' class, so the
// expression never goes back.
const HEADER_VALUE = /^[!-~\u00a1-\u00ff]+(?: +[!-~\u00a1-\u00ff]+)*$/

/** Whether a value can be sent under that name. A type that is none would leave the browser to guess one. */
export function isSignedHeaderValue(name: SignedHeaderName, value: string): boolean {
  return HEADER_VALUE.test(value) && (name !== 'content-type' || parseMediaType(value) !== null)
}

const headerLines = encodedText(MAX_LIST_BYTES)

/** Lines `name: value`, names in lower case and ascending, as base64url. */
export const responseHeaders: Spelling<SignedHeaders> = {
  read(encoded) {
    const text = headerLines.read(encoded)
    if (text === undefined) return undefined
    const headers: Partial<Record<SignedHeaderName, string>> = {}
    let last = ''
    for (const line of text.split('\n')) {
      const colon = line.indexOf(': ')
      const name = line.slice(0, Math.max(colon, 0))
      const value = line.slice(colon + 2)
      if (name <= last || !isSignedHeaderName(name) || !isSignedHeaderValue(name, value)) return undefined
      headers[name] = value
      last = name
    }
    return headers
  },
  write(headers) {
    const lines: string[] = []
    for (const [name, value] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isSignedHeaderName(name) || !isSignedHeaderValue(name, value)) return undefined
      lines.push(`${name}: ${value}`)
    }
    return headerLines.write(lines.join('\n'))
  },
}
