import { isObjectKey } from './object-key.js'

/** What a raw path decodes to: a key, or nothing. */
export type DecodedPath = { readonly ok: true; readonly key: string } | { readonly ok: false }

const REFUSED: DecodedPath = { ok: false }

/**
 * The path of a key below its mount, with the leading slash: each segment as `encodeURIComponent` writes it.
 * The key is taken as checked.
 */
export function encodeObjectKey(key: string): string {
  return `/${encodeURIComponent(key).replaceAll('%2F', '/')}`
}

/**
 * Decodes a raw path, relative to its mount and without its query, to the key it names: once, strictly, with no
 * normalisation. Refused: a path without its leading slash; a character outside printable ASCII; a space, `?`,
 * `#` or backslash that is not escaped; a malformed escape; escapes that are not UTF-8; an escaped slash or
 * backslash; and what `assertObjectKey` refuses.
 */
export function decodeObjectKey(rawPath: string): DecodedPath {
  if (rawPath.charCodeAt(0) !== 0x2f) return REFUSED
  let escaped = false
  for (let i = 1; i < rawPath.length; i++) {
    const unit = rawPath.charCodeAt(i)
    if (unit <= 0x20 || unit >= 0x7f || unit === 0x3f || unit === 0x23) return REFUSED
    if (unit !== 0x25) continue
    // A slash inside a segment would be a separator to the storage.
    if (rawPath.slice(i + 1, i + 3).toLowerCase() === '2f') return REFUSED
    escaped = true
  }
  const text = rawPath.slice(1)
  const key = escaped ? decodeEscapes(text) : text
  return key !== undefined && isObjectKey(key) ? { ok: true, key } : REFUSED
}

function decodeEscapes(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
