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
 * | `range_not_satisfiable` | 416 | the range begins past the end |
 * | `length_mismatch` | 400 | the body is shorter or longer than announced |
 * | `digest_mismatch` | 400 | the body does not have the digest that was announced |
 * | `body_already_read` | 500 | a body parser consumed the upload before Latchkey saw it |
 * | `storage_full` | 507 | the storage has no room |
 * | `storage_denied` | 503 | the storage refuses the app itself |
 * | `storage_unavailable` | 503 | the storage is down, busy or out of handles |
 */
export type LatchkeyErrorCode =
  | 'token_required'
  | 'invalid_signature'
  | 'expired'
  | 'not_yet_valid'
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
  | 'range_not_satisfiable'
  | 'length_mismatch'
  | 'digest_mismatch'
  | 'body_already_read'
  | 'storage_full'
  | 'storage_denied'
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
