import { UploadError } from './upload-error.js'

/** How failures that may pass are retried. */
export interface RetryPolicy {
  /** Times that one request is repeated. */
  readonly limit: number
  /** Milliseconds: the longest wait before the first retry. Doubles with each. */
  readonly baseDelay: number
  /** Milliseconds: no wait gets longer than this by doubling. */
  readonly maxDelay: number
}

/** A server that wants to be left alone for longer is not waited for. */
const LONGEST_WAIT = 5 * 60_000

/**
 * How long to wait before a retry: exponential backoff with full jitter, so that clients that failed together do not
 * come back together; never sooner than the server asked.
 *
 * @param failures how often the request has failed, at least 1
 * @param random 0 to 1
 */
export function retryDelay(
  failures: number,
  { baseDelay, maxDelay }: RetryPolicy,
  retryAfter = 0,
  random = Math.random(),
): number {
  return retryAfter + random * Math.min(maxDelay, baseDelay * 2 ** (failures - 1))
}

/**
 * Whether repeating a request may help: nothing came back, or the server said that it is a matter of time. A 500 of
 * Latchkey's own has a code, and is the same the next time.
 */
export function isTransient(error: unknown): error is UploadError {
  return error instanceof UploadError && mayPass(error) && (error.retryAfter ?? 0) <= LONGEST_WAIT
}

/**
 * Whether what has been sent is worth keeping for another day: the failure may pass, however long that takes, or it
 * passes when somebody has logged in again.
 */
export function isWorthKeepingFor(error: unknown): boolean {
  return error instanceof UploadError && (mayPass(error) || error.status === 401)
}

function mayPass({ code, status = 0 }: UploadError): boolean {
  return (
    code === 'network' ||
    [408, 429, 502, 503, 504].includes(status) ||
    (status === 500 && code === 'bad_response')
  )
}

/** Waits; ends at once, without an error, when the signal is aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
