import { decodeBase64url, decodeText, encodeText } from './base64url.js'
import type { Download } from './grant.js'
import { codePoints, hasControl, isWellFormed, utf8Length } from './text.js'

/** How the values of a field are spelled. Both ways give `undefined` for what is out of bounds. */
export interface Spelling<T> {
  read(text: string): T | undefined
  write(value: T): string | undefined
}

/** A decimal number without leading zero. */
export function decimal(minimum: number, maximum: number): Spelling<number> {
  return {
    read(text) {
      if (text.length > 16 || (text.charCodeAt(0) === 0x30 && text.length > 1)) return undefined
      let value = 0
      for (let i = 0; i < text.length; i++) {
        const digit = text.charCodeAt(i) - 0x30
        if (digit < 0 || digit > 9) return undefined
        value = value * 10 + digit
      }
      return value >= minimum && value <= maximum ? value : undefined
    },
    write(value) {
      return Number.isSafeInteger(value) && value >= minimum && value <= maximum ? String(value) : undefined
    },
  }
}

/** `1`; there is nothing else to say. */
export const flag: Spelling<true> = {
  read: (text) => (text === '1' ? true : undefined),
  write: (value) => (value === true ? '1' : undefined),
}

/** One of two values: `0` or `1`. */
export function choice<T>(zero: T, one: T): Spelling<T> {
  return {
    read: (text) => (text === '0' ? zero : text === '1' ? one : undefined),
    write: (value) => (value === zero ? '0' : value === one ? '1' : undefined),
  }
}

/** base64url of 1 to `maxBytes` bytes of UTF-8 that `accepts` accepts. */
export function encodedText(maxBytes: number, accepts: (text: string) => boolean = () => true) {
  const valid = (text: string) => {
    const bytes = utf8Length(text)
    return bytes > 0 && bytes <= maxBytes && accepts(text)
  }
  return {
    read(encoded: string) {
      const text = decodeText(encoded)
      return text !== undefined && valid(text) ? text : undefined
    },
    write(text: string) {
      return typeof text === 'string' && valid(text) ? encodeText(text) : undefined
    },
  } satisfies Spelling<string>
}

/** base64url of exactly so many bytes, kept as it is spelled. */
export function encodedBytes(length: number): Spelling<string> {
  const read = (text: string) => (decodeBase64url(text)?.length === length ? text : undefined)
  return { read, write: (value) => (typeof value === 'string' ? read(value) : undefined) }
}

// RFC 9110, section 8.8.3, without obs-text, which no two implementations decode alike.
const STRONG_ETAG = /^"[!#-~]*"$/

/** Whether a text is a strong entity tag, quotes included, in ASCII. */
export function isStrongEtag(text: string): boolean {
  return STRONG_ETAG.test(text)
}

/** `a` (attachment) or `i` (inline), then perhaps a file name, as base64url. */
export const download: Spelling<Download> = {
  read(encoded) {
    const text = decodeText(encoded)
    const kind = text?.charAt(0)
    if (text === undefined || (kind !== 'a' && kind !== 'i')) return undefined
    const disposition = kind === 'a' ? 'attachment' : 'inline'
    const filename = text.slice(1)
    if (filename === '') return { disposition }
    return isFilename(filename) ? { disposition, filename } : undefined
  },
  write({ disposition, filename }) {
    if (filename !== undefined && !isFilename(filename)) return undefined
    if (disposition !== 'attachment' && disposition !== 'inline') return undefined
    return encodeText(`${disposition.charAt(0)}${filename ?? ''}`)
  },
}

function isFilename(text: string): boolean {
  return text !== '' && isWellFormed(text) && codePoints(text) <= 255 && !hasControl(text)
}
