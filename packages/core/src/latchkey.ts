import type { GateReply, GateRequest } from './contracts/gate.js'
import type { StorageDriver } from './contracts/storage-driver.js'
import type { UploadOptions, UrlOptions } from './token/grant-options.js'

/** A signed URL. */
export interface SignedUrl {
  readonly url: string
  readonly expiresAt: Date
}

/** A signed URL to upload to, and how to use it. */
export interface SignedUpload extends SignedUrl {
  readonly method: 'PUT'
}

/** What `createLatchkey` returns: mints URLs, and answers the requests that come back with them. */
export interface Latchkey {
  /** Mints a URL that lets its holder read (or, with `operations`, remove) one object. */
  signedUrl(key: string, options?: UrlOptions): Promise<SignedUrl>
  /** Mints a URL that lets its holder upload one object with a `PUT`. */
  signedUploadUrl(key: string, options?: UploadOptions): Promise<SignedUpload>
  /** Decides a request to the mount; adapters call it. */
  handle(request: GateRequest): Promise<GateReply>
  readonly storage: StorageDriver
}
