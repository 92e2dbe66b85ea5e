import type { Visibility } from '../token/grant.js'
import type { Bytes } from './bytes.js'
import type { Precondition, WriteResult } from './storage-driver.js'

/** A part that was stored whole. */
export interface UploadedPart {
  /** 1 to 10 000. */
  readonly partNumber: number
  /** In its quotes; changes with every upload of the part. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

/** What the finished object will be stored with. */
export interface CreateMultipartOptions {
  readonly contentType: string
  readonly visibility: Visibility
  /** Seconds. */
  readonly cacheControlMaxAge?: number
  /** An upload that is not complete by then is swept with its parts. */
  readonly expiresAt: Date
}

/** What a part must keep to. */
export interface WritePartOptions {
  /** Bytes that all parts together may have, checked atomically when the part is published: `too_large`. */
  readonly maxTotal: number
  /** Bytes, where the client announced them. */
  readonly size?: number
  /** Aborting it fails the part. */
  readonly signal?: AbortSignal
}

/** How parts become an object. */
export interface CompleteMultipartOptions {
  /** Checked atomically with the publishing of the object. Absent: create or replace. */
  readonly precondition?: Precondition
  /** Bytes that the listed parts together may have: `too_large`. */
  readonly maxTotal: number
  /** Shown every byte in order before the object is published; what it throws fails the completion. */
  readonly onBytes?: (chunk: Uint8Array) => void | Promise<void>
  /** Called after the last byte, still before the object is published; what it throws fails the completion. */
  readonly onEnd?: () => Promise<void>
}

/**
 * Uploads in parts: in parallel, in any order, each repeatable. Unknown uploads (also those of another key) fail as
 * `upload_not_found`, bad part lists as `invalid_part`.
 */
export interface MultipartStorage {
  /** Begins an upload. Its id is safe in a URL and cannot be guessed (at least 128 bits). */
  create(key: string, options: CreateMultipartOptions): Promise<string>
  /** Stores a part, all or nothing; an earlier one of the same number is replaced. */
  writePart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Bytes,
    options: WritePartOptions,
  ): Promise<UploadedPart>
  /** The parts that are there, in ascending order. */
  listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]>
  /**
   * Publishes the listed parts, in ascending order, as one object, all or nothing. Repeating it after it has
   * succeeded gives the same result, without `onBytes` and `onEnd`, until the upload expires. A failure leaves the parts for another try.
   */
  complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult>
  /** Removes an upload and its parts; does nothing where it is gone. */
  abort(key: string, uploadId: string): Promise<void>
}
