import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { LatchkeyErrorCode } from '../token/index.js'
import { pageReply, textReply } from './html-page.js'
import { REFUSAL_PAGE_POLICY, refusalPage } from './refusal-page.js'
import { REASON_PHRASE, STATUS } from './status.js'
import { watchOf } from './watch/request-watch.js'

const BAD_TOKEN = 'Invalid or expired signature'
const STORAGE_TROUBLE = 'The storage cannot answer at the moment. Try again later.'

/**
 * What a refused client is told. The texts say nothing of the storage, and nothing of why a token failed beyond
 * what its holder, who can read the token, knows already.
 */
export const DETAIL: Readonly<Record<LatchkeyErrorCode, string>> = {
  token_required: 'Signed token required for private file',
  invalid_signature: BAD_TOKEN,
  expired: BAD_TOKEN,
  not_yet_valid: BAD_TOKEN,
  revoked: BAD_TOKEN,
  address_not_allowed: BAD_TOKEN,
  exhausted: BAD_TOKEN,
  prefetch_refused: 'This file is sent when it is asked for, and not ahead of time.',
  confirmation_required:
    'The download has to be confirmed: POST confirm=1 to this URL as application/x-www-form-urlencoded.',
  unauthorized: 'Valid credentials are required.',
  forbidden: 'This is not permitted.',
  bad_request: 'The request is malformed.',
  invalid_key: 'The path is not the name of an object that can be stored here.',
  invalid_option: 'The server is misconfigured.',
  not_found: 'There is no such file.',
  method_not_allowed: 'This method is not handled here.',
  exists: 'A file with this name exists, and this upload may not replace it.',
  key_conflict: 'The name collides with a file or folder that exists.',
  precondition_failed: 'The file is not in the state that the request requires.',
  too_large: 'The upload is larger than allowed.',
  type_not_allowed: 'Uploads of this type are not allowed.',
  unsupported_encoding: 'Send the file as it is, without Content-Encoding.',
  unsupported_media_type: 'Send the body as application/json.',
  range_not_satisfiable: 'The range begins past the end of the file.',
  length_mismatch: 'The body is not as long as announced.',
  digest_mismatch: 'The body does not have the announced digest.',
  upload_not_found: 'There is no such upload: it is over, or never began.',
  invalid_part: 'The parts are not those that were uploaded, in ascending order.',
  rate_limit_exceeded: 'Too many requests. Try again later.',
  body_already_read:
    'A body parser consumed the body before Latchkey saw it. Mount Latchkey before the body parser.',
  completion_failed: 'The upload could not be completed.',
  internal_error: 'The server could not decide about this request.',
  rate_limiter_unavailable: 'The server cannot take this request at the moment. Try again later.',
  ledger_unavailable: 'The server cannot take this request at the moment. Try again later.',
  storage_full: 'The storage has no room for this upload.',
  storage_denied: STORAGE_TROUBLE,
  storage_throttled: STORAGE_TROUBLE,
  storage_unavailable: STORAGE_TROUBLE,
}

const RETRY_AFTER_SECONDS = '5'

/** What goes into a refusal besides its code. */
export interface RefusalOptions {
  /** More headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Says more than the code's own text does; must tell nothing that a stranger may not know. */
  readonly detail?: string
}

/** The answer to a refused request: problem details (RFC 9457), or a page where a person is navigating. */
export function refuse(
  request: GateRequest,
  code: LatchkeyErrorCode,
  options: RefusalOptions = {},
): GateReply {
  const watched = watchOf(request)
  if (watched !== undefined) watched.refusedAs = code
  const status = STATUS[code]
  const title = REASON_PHRASE[status] ?? 'Error'
  const detail = options.detail ?? DETAIL[code]
  const page = wantsPage(request)
  const text = page ? refusalPage(status, title, detail) : JSON.stringify({ title, status, detail, code })
  const reply = page
    ? pageReply(request, status, text, REFUSAL_PAGE_POLICY)
    : textReply(request, status, {
        text,
        type: 'application/problem+json',
        policy: "default-src 'none'; sandbox",
      })
  return {
    ...reply,
    headers: {
      ...reply.headers,
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
      ...options.headers,
    },
  }
}

/** Whether a person navigates, so that a page says more than problem details would. */
export function wantsPage(request: GateRequest): boolean {
  const mode = request.header('sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  return request.header('accept')?.includes('text/html') ?? false
}
