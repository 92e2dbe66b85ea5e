import type { UploadOptions, UrlOptions } from '../token/index.js'
import type { GateRequest } from './gate.js'

/** A client asks over HTTP for a URL that reads or removes an object. */
export interface ReadIntent {
  readonly operation: 'get' | 'head' | 'delete'
  readonly key: string
  /** Seconds. */
  readonly expiresIn?: number
  readonly download?: boolean | string
  readonly maxDownloads?: number
}

/** A client asks over HTTP for a URL to upload to. */
export interface UploadIntent {
  readonly operation: 'put'
  /** The key that the client proposes; `undefined` leaves it to the app. */
  readonly key: string | undefined
  readonly contentType?: string
  /** Bytes. */
  readonly size?: number
  /** Text for `onUploadCompleted`; it comes from the client, so check it or replace it. */
  readonly payload?: string
  /** Whether the file comes in parts. */
  readonly multipart: boolean
  /** Of an upload in parts that was begun before and needs a fresh URL. */
  readonly uploadId?: string
  /** Seconds. */
  readonly expiresIn?: number
}

/** What a client asks to be minted. */
export type MintIntent = ReadIntent | UploadIntent

/** Limits of an upload that was allowed. */
export interface UploadLimits extends UploadOptions {
  /** Where the object goes; default the key of the intent. */
  readonly key?: string
}

/** A refusal: 401, 403 or 404. */
export type Denial = 'unauthorized' | 'forbidden' | 'not_found'

/**
 * The app's hook that decides who may mint over HTTP, and the only place where users are known. It returns a denial,
 * or the limits that go into the token; what the client asked for can narrow them, never widen. Anything but a denial
 * or an object is taken as `forbidden`.
 */
export type Authorize<Request = GateRequest> = (
  request: Request,
  intent: MintIntent,
) => Denial | UrlOptions | UploadLimits | Promise<Denial | UrlOptions | UploadLimits>
