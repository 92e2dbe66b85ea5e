/**
 * Every code that Latchkey gives: in `LatchkeyError.code`, and as `code` in the body of a refused request.
 * A code is stable; the text beside it may change.
 *
 * | code | HTTP | meaning |
 * | --- | --- | --- |
 * | `token_required` | 403 | a private object was asked for without a token |
 * | `invalid_signature` | 403 | the token does not verify for this key, operation and mount |
 * | `expired` | 403 | the token verifies, its time is over |
 * | `not_yet_valid` | 403 | the token verifies, its time has not begun |
 * | `revoked` | 403 | the token verifies, and was revoked |
 * | `address_not_allowed` | 403 | the token verifies, and is bound to other addresses |
 * | `exhausted` | 403 | the token verifies, its downloads are used up |
 * | `prefetch_refused` | 403 | a browser asks ahead of time for what may be downloaded a number of times only |
 * | `confirmation_required` | 403 | the download must be confirmed, with a POST to the same URL |
 * | `unauthorized` | 401 | `authorize` does not know who asks to mint |
 * | `forbidden` | 403 | `authorize` does not let this be minted |
 * | `bad_request` | 400 | the request is malformed |
 * | `invalid_key` | 400 | the path does not decode to a key, or the storage cannot hold that key |
 * | `invalid_option` | – | an option given by the app is out of its bounds; thrown where it is given |
 * | `not_found` | 404 | the token is good, the object is absent |
 * | `method_not_allowed` | 405 | the method is not handled; `Allow` lists those that are |
 * | `exists` | 409 | the upload may only create, and the key is taken |
 * | `key_conflict` | 409 | the storage cannot hold this key beside one that exists (a file where a folder is needed) |
 * | `precondition_failed` | 412 | `If-Match`, `If-None-Match` or `If-Unmodified-Since` does not hold |
 * | `too_large` | 413 | the upload is larger than its limit |
 * | `type_not_allowed` | 415 | the upload's type is not among the allowed ones |
 * | `unsupported_encoding` | 415 | the upload has a `Content-Encoding` |
 * | `unsupported_media_type` | 415 | the body is not `application/json` |
 * | `range_not_satisfiable` | 416 | the range begins past the end |
 * | `length_mismatch` | 400 | the body is shorter or longer than announced |
 * | `digest_mismatch` | 400 | the body does not have the digest that was announced |
 * | `upload_not_found` | 404 | there is no such upload in parts for this key: unknown, over, expired or aborted |
 * | `invalid_part` | 400 | a part has no valid number, or the list of parts does not name what was uploaded, in order |
 * | `rate_limit_exceeded` | 429 | too many requests to mint; `Retry-After` says when to try again |
 * | `body_already_read` | 500 | a body parser consumed the upload before Latchkey saw it |
 * | `completion_failed` | 500 | the app did not accept the upload, which was taken back |
 * | `internal_error` | 500 | `authorize` threw, or the limits that it returned are out of their bounds |
 * | `rate_limiter_unavailable` | 503 | the rate limiter failed, so nothing is minted |
 * | `ledger_unavailable` | 503 | downloads cannot be counted, or revocations not looked up, so nothing is served |
 * | `storage_full` | 507 | the storage has no room |
 * | `storage_denied` | 503 | the storage refuses the app itself |
 * | `storage_throttled` | 503 | the storage asks for fewer requests; `Retry-After` says when to try again |
 * | `storage_unavailable` | 503 | the storage is down, busy or out of handles |
 */
export type LatchkeyErrorCode =
  | 'token_required'
  | 'invalid_signature'
  | 'expired'
  | 'not_yet_valid'
  | 'revoked'
  | 'address_not_allowed'
  | 'exhausted'
  | 'prefetch_refused'
  | 'confirmation_required'
  | 'unauthorized'
  | 'forbidden'
  | 'bad_request'
  | 'invalid_key'
  | 'invalid_option'
  | 'not_found'
  | 'method_not_allowed'
  | 'exists'
  | 'key_conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'type_not_allowed'
  | 'unsupported_encoding'
  | 'unsupported_media_type'
  | 'range_not_satisfiable'
  | 'length_mismatch'
  | 'digest_mismatch'
  | 'upload_not_found'
  | 'invalid_part'
  | 'rate_limit_exceeded'
  | 'body_already_read'
  | 'completion_failed'
  | 'internal_error'
  | 'rate_limiter_unavailable'
  | 'ledger_unavailable'
  | 'storage_full'
  | 'storage_denied'
  | 'storage_throttled'
  | 'storage_unavailable'

/** The one error class of Latchkey. Tell errors apart by `code`, never by the text. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError'
  readonly code: LatchkeyErrorCode

  constructor(code: LatchkeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
