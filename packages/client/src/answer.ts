import { UploadError, type UploadErrorCode } from './upload-error.js'

/** An answer that was read whole. */
export interface Answer {
  readonly status: number
  /** Absolute: where it came from. */
  readonly url: string
  readonly text: string
  /** A header's value, or `null`; cross-origin only of those that the server exposes. */
  header(name: string): string | null
}

/** An answer that is not one of Latchkey's. */
export function badResponse(detail: string, status: number): UploadError {
  return new UploadError('bad_response', detail, { status })
}

/**
 * The object in an answer's body. What is in it is not checked.
 *
 * @throws UploadError `bad_response`
 */
export function jsonOf({ text, status }: Answer): Readonly<Record<string, unknown>> {
  const json = parsed(text)
  if (json === undefined) throw badResponse('The answer is not JSON.', status)
  return json
}

/** The answer, if it is a success. */
export function succeeded(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw failureOf(answer)
}

/** Problem details (RFC 9457) with a `code` come from Latchkey; anything else does not. */
function failureOf(answer: Answer): UploadError {
  const { status, text } = answer
  const known = { status, retryAfter: waitOf(answer.header('retry-after')) }
  const { code, detail } = parsed(text) ?? {}
  if (typeof code !== 'string')
    return new UploadError('bad_response', `The server answered ${status}.`, known)
  return new UploadError(code as UploadErrorCode, typeof detail === 'string' ? detail : code, known)
}

/** `Retry-After` in milliseconds: seconds or a date. RFC 9110, section 10.2.3. */
function waitOf(value: string | null): number | undefined {
  if (value === null) return undefined
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch {
    return undefined
  }
}
