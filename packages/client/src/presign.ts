export {
  LatchkeyError,
  type LatchkeyErrorCode,
  type NarrowOptions,
  narrow,
  type PortableSignedToken,
  type PresignedUrl,
  type PresignOptions,
  presignUrl,
  type SignedUrl,
} from '@latchkey/core/token'
