export type { Bytes } from './contracts/bytes.js'
export type { GateReply, GateRequest } from './contracts/gate.js'
export type {
  ByteRange,
  DriverCapabilities,
  ObjectStat,
  Precondition,
  StorageDriver,
  StoredObject,
  WriteOptions,
  WriteResult,
} from './contracts/storage-driver.js'
export { createLatchkey } from './create-latchkey.js'
export type { RefusedEvent } from './http/report.js'
export type { Latchkey, SignedUpload, SignedUrl } from './latchkey.js'
export type { CorsOptions, LatchkeyOptions, SniffedType } from './latchkey-options.js'
export {
  assertObjectKey,
  type ExpiryOptions,
  LatchkeyError,
  type LatchkeyErrorCode,
  type Operation,
  type SigningKey,
  type UploadOptions,
  type UrlOptions,
  type Visibility,
} from './token/index.js'
