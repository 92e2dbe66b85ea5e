import type { LatchkeyErrorCode } from '@latchkey/core/token'

/**
 * Why an upload failed: a code of the server's, or one of these.
 *
 * | code | meaning |
 * | --- | --- |
 * | `network` | no answer came, also after the retries; cross-origin, also what CORS refuses |
 * | `aborted` | by `abort()` or the signal |
 * | `bad_response` | the answer is not one of Latchkey's: a proxy's page, a wrong endpoint |
 * | `unconfirmed` | the file may be stored, and may not: the answer to an attempt was lost, and the next one found the key taken |
 *
 * Only a file in one piece can be unconfirmed. Browsers repeat a request by themselves where a connection that was kept
 * open turns out to be dead; then `exists` may hide the same, and only an upload in parts is always sure.
 */
export type UploadErrorCode = LatchkeyErrorCode | 'network' | 'aborted' | 'bad_response' | 'unconfirmed'

/** What else is known of a failure. */
export interface UploadErrorOptions {
  readonly status?: number | undefined
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** What `upload` fails with. Tell errors apart by `code`, never by the text. */
export class UploadError extends Error {
  override readonly name = 'UploadError'
  readonly code: UploadErrorCode
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** The server's explanation, or ours: a sentence in English. */
  readonly detail: string
  /** How many milliseconds the server asks to wait. */
  readonly retryAfter: number | undefined

  constructor(code: UploadErrorCode, detail: string, { status, retryAfter, cause }: UploadErrorOptions = {}) {
    super(`${code}: ${detail}`, { cause })
    this.code = code
    this.detail = detail
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** The failure, if it is an `UploadError` with that code. */
export function isUploadError(error: unknown, ...codes: readonly UploadErrorCode[]): error is UploadError {
  return error instanceof UploadError && codes.includes(error.code)
}
