import { STATUS_CODES } from 'node:http'

/** A request that the demo's own API refuses. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail)
    this.status = status
    this.code = code
  }
}

/**
 * Answers every error as Latchkey does, with problem details (RFC 9457).
 *
 * @param {unknown} error
 * @param {import('express').Request} _request
 * @param {import('express').Response} response
 * @param {import('express').NextFunction} next
 */
export function answerProblem(error, _request, response, next) {
  if (response.headersSent) {
    next(error)
    return
  }
  const { status, code, detail } = refusalOf(error)
  if (status >= 500) console.error(error)
  const title = STATUS_CODES[status] ?? 'Error'
  response.status(status).set('Cache-Control', 'no-store').type('application/problem+json')
  response.send(JSON.stringify({ title, status, detail, code }))
}

/** @param {unknown} error */
function refusalOf(error) {
  if (error instanceof ApiError) return { status: error.status, code: error.code, detail: error.message }
  if (isHttpError(error)) return { status: error.status, code: 'bad_request', detail: error.message }
  return {
    status: 500,
    code: 'internal',
    detail: 'Something went wrong on the server; its console says what.',
  }
}

/**
 * Whether it is an error of Express's own that may be shown.
 *
 * @param {unknown} error
 * @returns {error is Error & { status: number }}
 */
function isHttpError(error) {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
}
