export type { Bytes } from './contracts/bytes.js'
export type { GateReply, GateRequest } from './contracts/gate.js'
export type {
  ByteRange,
  DriverCapabilities,
  ObjectStat,
  Precondition,
  StorageDriver,
  StoredObject,
  Visibility,
  WriteOptions,
  WriteResult,
} from './contracts/storage-driver.js'
export type { Latchkey, SignedUpload, SignedUrl } from './latchkey.js'
export type { CorsOptions, LatchkeyOptions, SniffedType } from './latchkey-options.js'
export { LatchkeyError, type LatchkeyErrorCode } from './token/latchkey-error.js'
