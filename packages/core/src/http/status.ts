import type { LatchkeyErrorCode } from '../token/index.js'

/** The status of each code that a request can be refused with. */
export const STATUS: Readonly<Record<LatchkeyErrorCode, number>> = {
  token_required: 403,
  invalid_signature: 403,
  expired: 403,
  not_yet_valid: 403,
  bad_request: 400,
  invalid_key: 400,
  invalid_option: 500,
  not_found: 404,
  method_not_allowed: 405,
  exists: 409,
  key_conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  type_not_allowed: 415,
  unsupported_encoding: 415,
  range_not_satisfiable: 416,
  length_mismatch: 400,
  digest_mismatch: 400,
  body_already_read: 500,
  storage_full: 507,
  storage_denied: 503,
  storage_unavailable: 503,
}

/** Reason phrases (RFC 9110, section 15), the titles of the problems. */
export const REASON_PHRASE: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
}
