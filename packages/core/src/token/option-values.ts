import { parseDuration } from './duration.js'
import { isSignedHeaderName, isSignedHeaderValue } from './field-lists.js'
import { isStrongEtag } from './field-values.js'
import { MAX_RESUME_WINDOW } from './fields.js'
import type { Download, SignedHeaderName, SignedHeaders, Visibility } from './grant.js'
import { LatchkeyError } from './latchkey-error.js'
import { isTypePattern } from './media-type.js'

// How the values of options become those of fields. Each of these throws `invalid_option` for what is out of bounds.

/** `true`: saved; a text: saved under that name; `false`: shown. */
export function downloadOf(download: boolean | string): Download {
  if (typeof download === 'boolean') return { disposition: download ? 'attachment' : 'inline' }
  return { disposition: 'attachment', filename: download }
}

/** Response headers with their names in lower case. */
export function headersOf(headers: Readonly<Record<string, string>>): SignedHeaders {
  const signed: Partial<Record<SignedHeaderName, string>> = {}
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (!isSignedHeaderName(name)) throw invalid(`responseHeaders must not have '${given}'`)
    if (name in signed) throw invalid(`responseHeaders has '${name}' twice`)
    if (!isSignedHeaderValue(name, value))
      throw invalid(`responseHeaders['${given}'] is no value that can be sent`)
    signed[name] = value
  }
  return signed
}

/** A pattern such as `image/*`, in lower case. */
export function typePatternOf(given: string): string {
  const type = given.toLowerCase()
  if (!isTypePattern(type))
    throw invalid(`allowedTypes must be like image/png, image/* or */*, not '${given}'`)
  return type
}

/** One strong ETag with its quotes. */
export function etagOf(ifMatch: string): string {
  if (!isStrongEtag(ifMatch)) throw invalid('ifMatch must be one strong ETag with its quotes')
  return ifMatch
}

/** Strictly a boolean: 'false', from a form or an environment variable, would otherwise switch something on. */
export function isOn(value: boolean | undefined, name: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${name} must be true or false`)
  return value === true
}

/** A number of downloads, 1 to 2^53 - 1: none at all is no URL, and not to be taken for any number. */
export function countOf(maxDownloads: number): number {
  if (!Number.isSafeInteger(maxDownloads) || maxDownloads < 1) {
    throw invalid('maxDownloads must be a whole number from 1 to 2^53 - 1')
  }
  return maxDownloads
}

/**
 * The window of a limit in seconds, 1 to 604 800.
 *
 * @param maxDownloads the limit beside it: without one there is nothing that a window could be of
 */
export function resumeWindowOf(window: number | string, maxDownloads: number | undefined): number {
  const seconds = parseDuration(window, 'resumeWindow')
  if (seconds < 1 || seconds > MAX_RESUME_WINDOW) throw invalid('resumeWindow must be 1 second to 7 days')
  if (maxDownloads === undefined) throw invalid('resumeWindow needs maxDownloads beside it')
  return seconds
}

/** Strictly one of the two: a slip such as `'Public'` must not decide who may read. */
export function visibilityOf(visibility: Visibility): Visibility {
  if (visibility !== 'private' && visibility !== 'public') {
    throw invalid('visibility must be private or public')
  }
  return visibility
}

/** The error for an option that is out of its bounds. */
export function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
