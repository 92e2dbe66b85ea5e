import { UploadError } from '/client/index.js'

/** Something that went wrong, in words for the person at the screen. */
export class Problem extends Error {
  /**
   * @param {string} code Latchkey's or the demo's, or `unreachable`
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

// Where the server's own words fit an API better than a person.
/** @type {Readonly<Record<string, string>>} */
const WORDS = {
  network: 'The connection broke, and trying again did not help.',
  bad_response: 'The server gave an answer that this page does not understand.',
  unconfirmed:
    'The connection broke at the last moment. Look whether the file is in the list before you try again.',
  upload_not_found: 'The upload took too long, and the server has given it up.',
  expired: 'The permission to upload ran out before the file was complete.',
  exists: 'Another file took this name in the meantime.',
  too_large: 'The file is larger than this demo takes.',
  length_mismatch: 'The file changed while it was being sent.',
  storage_full: 'The server has no room left for this file.',
  not_found: 'This file is no longer here.',
}

/**
 * What a refused request means. Latchkey and the demo's API both answer with problem details (RFC 9457).
 *
 * @param {number} status
 * @param {string} text the body
 */
export function problemOf(status, text) {
  const { code, detail } = parseDetails(text)
  return new Problem(code, WORDS[code] ?? detail ?? `The server answered ${status}.`)
}

export function unreachable() {
  return new Problem('unreachable', 'The server does not answer. Is it still running?')
}

/**
 * What to show for any error; those that were not foreseen are bugs, and belong on the console, too.
 *
 * @param {unknown} error
 */
export function wordsFor(error) {
  if (error instanceof Problem) return error.message
  if (error instanceof UploadError) return WORDS[error.code] ?? error.detail
  console.error(error)
  return 'Something went wrong on this page.'
}

/**
 * @param {string} text
 * @returns {{ code: string, detail: string | undefined }}
 */
function parseDetails(text) {
  try {
    const { code, detail } = JSON.parse(text)
    return {
      code: typeof code === 'string' ? code : 'unknown',
      detail: typeof detail === 'string' ? detail : undefined,
    }
  } catch {
    return { code: 'unknown', detail: undefined }
  }
}
