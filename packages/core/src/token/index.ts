export type { MaybePromise } from '../hmac/contract.js'
export { type AttenuateOptions, attenuate } from './attenuate.js'
export { assertAudience } from './chain.js'
export { parseDuration } from './duration.js'
export { type ExpiryBounds, type ExpiryOptions, expiryBounds } from './expiry.js'
export type {
  Download,
  Grant,
  GrantFields,
  Operation,
  Scope,
  SignedHeaderName,
  SignedHeaders,
  VersionRule,
  Visibility,
} from './grant.js'
export {
  type FirstFields,
  type GrantContext,
  grantFieldsForUpload,
  grantFieldsForUrl,
} from './grant-fields.js'
export type { UploadOptions, UrlOptions, ValidityAndSubject } from './grant-options.js'
export { createKeyRing, type KeyRing, type SigningKey } from './key-ring.js'
export { assertKnownOptions } from './known-options.js'
export { LatchkeyError, type LatchkeyErrorCode } from './latchkey-error.js'
export { parseMediaType, typeAllowed } from './media-type.js'
export { type MintOptions, mint } from './mint.js'
export { assertKeyPrefix, assertObjectKey, isObjectKey } from './object-key.js'
export { type DecodedPath, decodeObjectKey, encodeObjectKey } from './object-path.js'
export { withRandomSuffix } from './random-suffix.js'
export { parseSize } from './size.js'
export {
  type VerifyFailure,
  type VerifyFailureReason,
  type VerifyOptions,
  type VerifyResult,
  verify,
} from './verify.js'
