export { type BearerKeys, bearerKeys } from './bearer-keys.js'
export type {
  Authorize,
  Decision,
  Denial,
  MintIntent,
  ReadIntent,
  UploadIntent,
  UploadLimits,
} from './contracts/authorize.js'
export { type Bytes, RELEASE, type ReusableChunk } from './contracts/bytes.js'
export { resolveCapabilities } from './contracts/capabilities.js'
export type { CompletedUpload } from './contracts/completed-upload.js'
export type { GateReply, GateRequest } from './contracts/gate.js'
export type { DownloadClaim, Ledger, ResumeWindow, Revocation } from './contracts/ledger.js'
export type {
  CompleteMultipartOptions,
  CreateMultipartOptions,
  MultipartStorage,
  UploadedPart,
  WritePartOptions,
} from './contracts/multipart-storage.js'
export type {
  BeginNativeOptions,
  CompleteNativeOptions,
  NativeResult,
  NativeUploadLimits,
  NativeUploads,
  PresignedWrite,
  SignNativeOptions,
} from './contracts/native-uploads.js'
export type { RateLimit, RateLimiter } from './contracts/rate-limit.js'
export { SharedBytes } from './contracts/shared-bytes.js'
export type {
  ByteRange,
  DriverCapabilities,
  NativePresigning,
  ObjectStat,
  OpenOptions,
  Precondition,
  PresignedReadOptions,
  StorageDriver,
  StoredFile,
  StoredObject,
  WriteOptions,
  WriteResult,
} from './contracts/storage-driver.js'
export { createLatchkey } from './create-latchkey.js'
export type { RouteUrlOptions } from './http/routes/route-options.js'
export type { RouteGrant, RouteVerdict } from './http/routes/verify-route.js'
export type {
  MintedEvent,
  ReceivedEvent,
  RefusedEvent,
  RemovedEvent,
  RequestTimes,
  ServedEvent,
} from './http/watch/events.js'
export type { Latchkey, SignedCookie, SignedUpload, SignedUrl } from './latchkey.js'
export type { AccelOptions, CorsOptions, LatchkeyOptions, SniffedType } from './latchkey-options.js'
export type { RevokeOptions } from './revoke-options.js'
export type { SigningKeys } from './signing-keys.js'
export {
  assertObjectKey,
  type CookieOptions,
  type DelegationLimits,
  type DelegationOptions,
  type DelegationScope,
  type ExpiryOptions,
  LatchkeyError,
  type LatchkeyErrorCode,
  type Operation,
  type SignedToken,
  type SigningKey,
  type TreeOptions,
  type TreeUrlOptions,
  type UploadOptions,
  type UrlOptions,
  type Visibility,
} from './token/index.js'
export { type UploadWebhook, type UploadWebhookOptions, uploadWebhook } from './webhook/upload-webhook.js'
