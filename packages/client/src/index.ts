export type {
  MultipartUploadOptions,
  RetryOptions,
  UploadHeaders,
  UploadOptions,
  UploadProgress,
  UploadSource,
} from './options.js'
export type { UploadStorage } from './remembered.js'
export { startUpload, type UploadTask, upload } from './start-upload.js'
export { UploadError, type UploadErrorCode } from './upload-error.js'
export type { UploadedFile } from './uploaded-file.js'
