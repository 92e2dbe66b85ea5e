import type { LatchkeyErrorCode, Operation, Visibility } from '../../token/index.js'

/** What subscribers of the `latchkey:minted` diagnostics channel get: what was signed, and never the token or its URL. */
export interface MintedEvent {
  /** `upload` is a URL that may `put`, `url` one that may not. */
  readonly what: 'cookie' | 'delegation' | 'route' | 'tree' | 'upload' | 'url'
  /** The object that it is for. */
  readonly key?: string
  /** What the keys of the objects that it is for begin with; `''`: all of them. */
  readonly prefix?: string
  /** Method and path of the route that it is for, without the query: `POST /reports/42`. */
  readonly route?: string
  readonly operations: readonly Operation[]
  /** From then on it is refused. */
  readonly expiresAt: Date
  /** Until then it is refused. */
  readonly notBefore?: Date
  /** Id of the signing key. */
  readonly keyId: string
  /** What it can be revoked by. */
  readonly id?: string
  readonly subject?: string
  /** Bytes that may be uploaded. */
  readonly maxSize?: number
  /** Media types that may be uploaded. */
  readonly allowedTypes?: readonly string[]
  readonly maxDownloads?: number
}

/** What every event of a request says of its time. */
export interface RequestTimes {
  /** When Latchkey got the request. */
  readonly startedAt: Date
  /** Milliseconds, with fractions, from then to the event. */
  readonly durationMs: number
}

/** What subscribers of the `latchkey:served` diagnostics channel get, when the reply to a read has ended. */
export interface ServedEvent extends RequestTimes {
  /** `GET` or `HEAD`, or the `POST` that confirms a download. */
  readonly method: string
  readonly key: string
  /** 200, 206, 304, or 302 to the storage. */
  readonly status: number
  /** Bytes of the object that were handed to the connection. What somebody else sends is not among them. */
  readonly bytes: number
  /** Whether that was all of the reply's body. `false`: the client went away, or the storage failed on the way. */
  readonly complete: boolean
  /** Who sends the bytes: this process, the web server in front, the storage; or nobody yet, as a page asks first. */
  readonly delivery: 'accel' | 'page' | 'redirect' | 'stream'
  /** What the request was let in by. */
  readonly access: 'cookie' | 'public' | 'token'
  /** Id of the signing key; absent for a public object. */
  readonly keyId?: string
  readonly subject?: string
}

/** What subscribers of the `latchkey:received` diagnostics channel get, when an upload is stored. */
export interface ReceivedEvent extends RequestTimes {
  /** With its random suffix, where it got one. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly contentType: string
  /** Whether the key was free before. */
  readonly created: boolean
  /** Whether it came in parts; the time is that of the completion then. */
  readonly multipart: boolean
  readonly visibility: Visibility
  /** Id of the signing key. */
  readonly keyId: string
  readonly subject?: string
}

/** What subscribers of the `latchkey:removed` diagnostics channel get, when an object was removed. */
export interface RemovedEvent extends RequestTimes {
  readonly key: string
  /** Id of the signing key. */
  readonly keyId: string
  readonly subject?: string
}

/** What subscribers of the `latchkey:refused` diagnostics channel get, once for each request with a status of 400 and up. */
export interface RefusedEvent extends RequestTimes {
  readonly method: string
  /** Without the query, and with `{token}` in place of a token: it may still be good elsewhere. */
  readonly path: string
  readonly status: number
  /** What the client was told. */
  readonly code: LatchkeyErrorCode
  /** What was really the matter; never sent to a client. */
  readonly reason: string
}
