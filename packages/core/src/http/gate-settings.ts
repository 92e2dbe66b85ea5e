import type { Ledger } from '../contracts/ledger.js'
import type { NativeUploads } from '../contracts/native-uploads.js'
import type { StorageDriver } from '../contracts/storage-driver.js'
import type { CorsOptions, LatchkeyOptions } from '../latchkey-options.js'
import type { ExpiryBounds, KeyRing, OpenedTokens } from '../token/index.js'
import type { HandOver } from './delivery/hand-over.js'

/** The options of a Latchkey, checked and resolved once. */
export interface GateSettings {
  readonly baseUrl: string
  /** What goes before the path of a signed route: an origin and perhaps a prefix, or nothing. */
  readonly appUrl: string
  readonly keys: KeyRing
  readonly audience: string
  /** Tokens whose MAC held a moment ago. */
  readonly remembered: OpenedTokens | undefined
  readonly storage: StorageDriver
  readonly ledger: Ledger | undefined
  /** Whether every token can be revoked, and is looked up. */
  readonly revocable: boolean
  /** What the names of this mount's revocations begin with. */
  readonly revocationSpace: string
  /** Bounds of a token's life. */
  readonly expiry: ExpiryBounds
  /** Who sends the bytes; absent: this process. */
  readonly handOver: HandOver | undefined
  /** Bytes. */
  readonly maxUploadSize: number
  readonly sniff: LatchkeyOptions['sniff']
  readonly cors: CorsOptions | undefined
  readonly onUploadCompleted: LatchkeyOptions['onUploadCompleted']
  readonly multipart: MultipartSettings
  /** Who takes the bytes of uploads; absent: this process. */
  readonly direct: NativeUploads | undefined
  readonly visibility: LatchkeyOptions['visibility']
  readonly webhook: LatchkeyOptions['webhook']
  readonly authorize: LatchkeyOptions['authorize']
  readonly rateLimit: LatchkeyOptions['rateLimit']
  readonly crossOriginResourcePolicy: string
  /** Whether replies tell how long they took. */
  readonly serverTiming: boolean
  readonly onError: (error: unknown, request: { method: string; path: string }) => void
  /** Milliseconds. */
  readonly now: () => number
}

/** How uploads in parts are taken. */
export interface MultipartSettings {
  /** Seconds that an upload may take from its begin to its completion. */
  readonly ttl: number
  /** Bytes that clients are told to put into a part. */
  readonly partSize: number
}
