import type { CompleteMultipartOptions, CreateMultipartOptions, UploadedPart } from './multipart-storage.js'
import type { WriteResult } from './storage-driver.js'

/** What a storage takes at its own URLs. */
export interface NativeUploadLimits {
  /** Bytes of one request: of an object in one piece, or of a part. */
  readonly putSize: number
  /** Bytes of a part, but for the last one. */
  readonly smallestPart: number
  /** Parts of one object. */
  readonly parts: number
  /** Bytes of an object in parts. */
  readonly totalSize: number
}

/** What will come, and what the object is stored with. */
export interface BeginNativeOptions extends CreateMultipartOptions {
  /** Bytes of the whole, exactly. */
  readonly size: number
  /** Bytes of each part but the last, which has what is left. Absent: one piece, which counts as part 1. */
  readonly partSize?: number
  /** Whether `complete` will have a precondition: what could not be held to one then is refused now, as `too_large`. */
  readonly conditional: boolean
}

/** Which request is signed, and for how long. */
export interface SignNativeOptions {
  /** 1 to the number of parts. */
  readonly partNumber: number
  /** Seconds that the URL is good for. */
  readonly expiresIn: number
}

/** A request of the storage's own, which stores the bytes of one part at a place where nobody reads them. */
export interface PresignedWrite {
  readonly method: 'PUT'
  readonly url: string
  /** To be sent with the bytes, just so: they are signed. */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes that the storage takes there, no more and no less. */
  readonly size: number
}

/** How what has come becomes an object. */
export interface CompleteNativeOptions extends CompleteMultipartOptions {
  /** How many of the first bytes `onBytes` is shown: 0 for none. */
  readonly shownBytes: number
}

/** What became of an upload. */
export interface NativeResult extends WriteResult {
  /** Whether it was begun with `partSize`. */
  readonly inParts: boolean
}

/**
 * Uploads whose bytes go from the client to the storage. They are kept apart until `complete`, so a URL that leaks can
 * change no object. Unknown uploads, also those of another key, fail as `upload_not_found`.
 */
export interface NativeUploads {
  readonly limits: NativeUploadLimits
  /** Begins an upload. Its id is safe in a URL and cannot be guessed (at least 128 bits). */
  begin(key: string, options: BeginNativeOptions): Promise<string>
  /**
   * Signs the request that stores a part, which may be made again. The storage itself refuses another size or, in one
   * piece, another type. Fails as `invalid_part` where there is no such part.
   */
  sign(key: string, uploadId: string, options: SignNativeOptions): Promise<PresignedWrite>
  /** The parts that the storage has, in ascending order; of one piece, that. */
  listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]>
  /**
   * Looks at what has come, and publishes just that as the object, all or nothing. Repeating it after it has succeeded gives the
   * same result, without `onBytes` and `onEnd`, until the upload expires.
   *
   * Fails as `invalid_part` while not all has come, as `length_mismatch` or `type_not_allowed` where it is not what was
   * announced, and as `precondition_failed` where it was replaced meanwhile or is no body of a client's.
   */
  complete(key: string, uploadId: string, options: CompleteNativeOptions): Promise<NativeResult>
  /** Removes an upload and what has come of it; does nothing where it is gone. */
  abort(key: string, uploadId: string): Promise<void>
}
