import type { UploadStorage } from './remembered.js'

/** What can be uploaded. A `Uint8Array` is copied first. */
export type UploadSource = Blob | Uint8Array

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes that are out. Grows, but for what has to be sent again. */
  readonly loaded: number
  /** Bytes in all. */
  readonly total: number
}

/** When and how a file is sent in parts. */
export interface MultipartUploadOptions {
  /** Files of so many bytes and more are sent in parts. Default 16 MiB. */
  readonly threshold?: number
  /**
   * Bytes of each part but the last. Default: what the server says, and always that where the parts go to its storage
   * (`uploads: 'direct'`). Larger where 10 000 parts would not do.
   */
  readonly partSize?: number
  /** Parts that are sent at a time. Default 4. */
  readonly concurrency?: number
}

/** How requests that failed for reasons that pass are repeated. */
export interface RetryOptions {
  /** Times that each request is repeated. Default 5. */
  readonly limit?: number
  /** Milliseconds: the longest wait before the first repetition; doubles with each. Default 500. */
  readonly baseDelay?: number
  /** Milliseconds that no wait gets longer than by doubling. Default 30 000. */
  readonly maxDelay?: number
}

/** How a file is uploaded. */
export interface UploadOptions {
  /** Where Latchkey is mounted: `/files`, or `https://app.example.com/files`. In Node absolute. */
  readonly endpoint: string
  /** The name that is proposed for the object. Where the app chooses the names itself, leave it out. */
  readonly key?: string
  /** Text for the app's `authorize` and `onUploadCompleted`. */
  readonly payload?: string
  /** Default: the type of the file; without one the server goes by the key. */
  readonly contentType?: string
  /** Told of progress, in browsers while the bytes go out, in Node after each part. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** Aborts the upload, as `abort()` does. */
  readonly signal?: AbortSignal
  /** `true`: always in parts; `false`: never. Default: from 16 MiB on, where the storage takes parts. */
  readonly multipart?: boolean | MultipartUploadOptions
  /** Sent with the requests for signed URLs, such as `Authorization`; a function is asked before each. */
  readonly headers?: UploadHeaders | (() => UploadHeaders | Promise<UploadHeaders>)
  /** How often, or how, requests are repeated. Default 5 times. */
  readonly retries?: number | RetryOptions
  /**
   * Where uploads in parts are remembered, so that another call with the same file goes on with them, also after the page
   * was left. Only a `File` can be recognized. `null`: nowhere. Default: `localStorage`, where there is one.
   */
  readonly storage?: UploadStorage | null
}

/** Header fields by name. */
export type UploadHeaders = Readonly<Record<string, string>>
