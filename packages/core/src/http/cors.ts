import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { CorsOptions } from '../latchkey-options.js'

const DEFAULT_MAX_AGE = 600
const EXPOSED =
  'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Location'
const ALLOWED_HEADERS =
  'Content-Digest, Content-MD5, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range, Repr-Digest'

/** The methods that the gate handles, as `Allow` lists them. */
export const ALLOW = 'GET, HEAD, PUT, DELETE, OPTIONS'

/** The same for a path where URLs are minted or uploads in parts are begun and completed, too. */
export const ALLOW_POST = 'GET, HEAD, PUT, DELETE, POST, OPTIONS'

/**
 * Answers an `OPTIONS` request; a preflight of an origin that is let in also gets what the Fetch standard wants.
 *
 * @param takesPost whether a POST to the path can succeed
 */
export function answerOptions(
  request: GateRequest,
  cors: CorsOptions | undefined,
  takesPost: boolean,
): GateReply {
  const headers: Record<string, string> = { allow: takesPost ? ALLOW_POST : ALLOW }
  const isPreflight = request.header('access-control-request-method') !== undefined
  if (cors !== undefined && isPreflight && allowedOrigin(request, cors) !== undefined) {
    headers['access-control-allow-methods'] = takesPost
      ? 'GET, HEAD, PUT, DELETE, POST'
      : 'GET, HEAD, PUT, DELETE'
    headers['access-control-allow-headers'] = takesPost
      ? `Authorization, ${ALLOWED_HEADERS}`
      : ALLOWED_HEADERS
    headers['access-control-max-age'] = String(cors.maxAge ?? DEFAULT_MAX_AGE)
  }
  return { status: 204, headers, body: null }
}

/** Adds the CORS headers that the request's origin is due, to refusals too. */
export function addCors(
  request: GateRequest,
  headers: Record<string, string>,
  cors: CorsOptions | undefined,
): void {
  if (cors === undefined) return
  const origin = allowedOrigin(request, cors)
  if (origin !== undefined) {
    headers['access-control-allow-origin'] = origin
    if (cors.credentials === true) headers['access-control-allow-credentials'] = 'true'
    // They may read the object itself: how long it took tells them less.
    if (headers['server-timing'] !== undefined) headers['timing-allow-origin'] = origin
    headers['access-control-expose-headers'] =
      headers['retry-after'] === undefined ? EXPOSED : `${EXPOSED}, Retry-After`
  }
  // Whether the origin was let in or not, the answer depended on it.
  if (cors.origins !== '*') headers.vary = headers.vary === undefined ? 'Origin' : `${headers.vary}, Origin`
}

/** Whether a request comes from another origin that may use the mount. */
export function isOriginAllowed(request: GateRequest, cors: CorsOptions | undefined): boolean {
  return cors !== undefined && allowedOrigin(request, cors) !== undefined
}

function allowedOrigin(request: GateRequest, cors: CorsOptions): string | undefined {
  const origin = request.header('origin')
  if (origin === undefined) return undefined
  if (cors.origins === '*') return '*'
  return cors.origins.includes(origin) ? origin : undefined
}
