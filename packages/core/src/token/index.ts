export type { MaybePromise } from '../hmac/contract.js'
export { type AttenuateOptions, attenuate } from './attenuate.js'
export { assertAudience } from './chain.js'
export { delegationScope, grantFieldsForDelegation } from './delegation-fields.js'
export type { DelegationLimits, DelegationOptions, DelegationScope } from './delegation-options.js'
export { parseDuration } from './duration.js'
export { type ExpiryBounds, type ExpiryOptions, expiryBounds } from './expiry.js'
export { MAX_TIME } from './fields.js'
export type {
  Download,
  DownloadLimit,
  Grant,
  GrantFields,
  GrantId,
  Operation,
  Scope,
  SignedHeaderName,
  SignedHeaders,
  UploadPin,
  VersionRule,
  Visibility,
} from './grant.js'
export {
  type FirstFields,
  type GrantContext,
  grantFieldsForUpload,
  grantFieldsForUrl,
  type Revocability,
  UPLOAD_OPTIONS,
  URL_OPTIONS,
} from './grant-fields.js'
export { isGrantId } from './grant-id.js'
export type { StableOption, UploadOptions, UrlOptions, ValidityAndSubject } from './grant-options.js'
export { createKeyRing, type KeyRing, type SigningKey } from './key-ring.js'
export { assertKnownOptions } from './known-options.js'
export { LatchkeyError, type LatchkeyErrorCode } from './latchkey-error.js'
export { withLaterIds } from './later-ids.js'
export { andThen } from './maybe-promise.js'
export { intersectTypes, parseMediaType, typeAllowed } from './media-type.js'
export { type MintOptions, mint } from './mint.js'
export { type NarrowOptions, narrow } from './narrow.js'
export type { NarrowingOptions } from './narrowing-options.js'
export { assertKeyPrefix, assertObjectKey, isObjectKey } from './object-key.js'
export { type DecodedPath, decodeObjectKey, encodeObjectKey } from './object-path.js'
export { type OpenedToken, type OpenFailure, type OpenOptions, openToken } from './open-token.js'
export { OpenedTokens } from './opened-tokens.js'
export { type PresignedUrl, type PresignOptions, presignUrl } from './presign-url.js'
export { withRandomSuffix } from './random-suffix.js'
export { Recent } from './recent.js'
export type { PortableSignedToken, SignedToken } from './signed-token.js'
export type { SignedUrl } from './signed-url.js'
export { parseSize } from './size.js'
export { isSubject } from './subject.js'
export { asksToConfirm, isKeyId, isToken } from './token-text.js'
export {
  COOKIE_OPTIONS,
  grantFieldsForCookie,
  grantFieldsForTree,
  TREE_URL_OPTIONS,
} from './tree-fields.js'
export type { CookieOptions, TreeOptions, TreeUrlOptions } from './tree-options.js'
export {
  type Enforced,
  type VerifyFailure,
  type VerifyFailureReason,
  type VerifyOptions,
  type VerifyResult,
  verify,
} from './verify.js'
