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
  /** Seconds. */
  readonly resumeWindow?: number
  /** Whoever opens the URL is to be asked first. */
  readonly confirm?: true
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

/** What `authorize` says: a denial, or the limits of what is minted. */
export type Decision = Denial | UrlOptions | UploadLimits

/**
 * The app's hook that decides who may mint over HTTP, and the only place where users are known. It returns a denial,
 * or the limits: what is minted is what `signedUrl(key, limits)` or `signedUploadUrl(key, limits)` would give, narrowed
 * by what the client asked for. So `{}` lets a file be read, or uploaded under a new key, for the mount's usual
 * life; to let it be removed, return `operations: ['delete']`.
 *
 * Anything but a denial or a plain object is taken as `forbidden`. What it throws goes to `onError`, and the client
 * gets 500 `internal_error`; so do limits that are out of their bounds.
 *
 * @typeParam Request what the hook is called with: the neutral request, or with an adapter the framework's own
 */
export type Authorize<Request = GateRequest> = (
  request: Request,
  intent: MintIntent,
) => Decision | Promise<Decision>
