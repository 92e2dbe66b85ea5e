import type { Authorize } from './contracts/authorize.js'
import type { CompletedUpload } from './contracts/completed-upload.js'
import type { Ledger } from './contracts/ledger.js'
import type { RateLimit } from './contracts/rate-limit.js'
import type { ObjectStat, StorageDriver } from './contracts/storage-driver.js'
import type { ExpiryOptions, SigningKey, Visibility } from './token/index.js'
import type { UploadWebhook } from './webhook/upload-webhook.js'

/** What `createLatchkey` takes. */
export interface LatchkeyOptions {
  /**
   * Where clients reach the mount: `https://app.example.com/files`, or a path (`/files`) for URLs that are used
   * on the same origin only. Never taken from the Host header, which a client chooses.
   */
  readonly baseUrl: string
  /**
   * Where clients reach the app itself, for `Latchkey.signUrl`: `https://app.example.com`, or with the prefix that a proxy
   * takes away, `https://example.com/app`. Default: the origin of `baseUrl`, or none where that is a path.
   */
  readonly appUrl?: string
  /** The first key signs, all of them verify. At least one; secrets of at least 32 bytes. */
  readonly keys: readonly SigningKey[]
  readonly storage: StorageDriver
  /**
   * Counts downloads and remembers revocations. `maxDownloads` and `revocable` need it: without one, no such URL is
   * minted or served. All processes that serve the same URLs must share it.
   */
  readonly ledger?: Ledger
  /**
   * Whether every token of the mount can be revoked, and so every request with a token asks the ledger; one that does not
   * say when it was issued counts as older than every revocation. So tokens that were signed with a leaked key, which
   * can claim to be none that are revoked, can be revoked too. Needs `ledger`. Default `false`: only those that are
   * minted with `revocable`, or with a `subject`.
   */
  readonly revocable?: boolean
  /**
   * What a token is bound to besides its key; default: `baseUrl`. Two mounts that differ in it share no token.
   * 1 to 1 016 bytes without control characters; not ending in `#uploads` or `#routes`.
   */
  readonly audience?: string
  /**
   * How many good tokens stay in memory, so that one which comes again and again (a player that asks for range after range) is
   * not computed anew from the third time on: 0 to 1 000 000, about 1 KiB each. Default 1024; 0: none. Times, revocation, addresses and counts
   * are looked at each time, and with other keys all are forgotten: what is remembered is never out of date.
   */
  readonly tokenCacheSize?: number
  /** Bounds of a token's life. Default 3600 s, at least 1 s, at most 7 days. */
  readonly expiry?: ExpiryOptions
  /**
   * Which objects are served without a token. Absent: those that the storage keeps as public, as they were uploaded or by
   * `Latchkey.setVisibility`.
   *
   * A function decides instead of that, for apps whose own data know better; it works with every storage. It is asked for
   * each request without a token about an object that is there, so a change counts from the next request on.
   * What is not `'public'` is private, also where it throws, which goes to `onError`. Not asked for a request that brings a
   * token: with a good one the object is served as that says, with a bad one refused.
   *
   * `'private'`: none is. The storage is then not even asked, so that not its time either tells a stranger, by some
   * microseconds, which keys are taken.
   */
  readonly visibility?: 'private' | ((key: string, stat: ObjectStat) => Visibility | Promise<Visibility>)
  /**
   * Who sends the bytes of a download, after every check has been made here. Default `'stream'`: this process.
   *
   * - `'accel'`: the web server in front (nginx, Apache, lighttpd) reads the file itself, told by a header of the reply; see `accel`.
   *   Needs storage in files of the same machine. The header must reach nobody but that server.
   * - `'redirect'`: the client is sent to a short-lived URL of the storage's own (S3), which carries type, disposition and
   *   cache age. Needs a driver with native presigning. From there on nothing is checked here: what the URL's token says of
   *   times, revocation or addresses ends with `redirectExpiresIn`.
   *
   * A request that the chosen way could not answer as promised is streamed: one with `If-Match`, `If-Unmodified-Since` or
   * `If-Range` under `accel`, a token that limits downloads or addresses under `redirect`. `HEAD` is always answered here.
   */
  readonly delivery?: 'stream' | 'redirect' | 'accel'
  /** How the web server in front is told which file to send. Needed with `delivery: 'accel'`, and only then. */
  readonly accel?: AccelOptions
  /** With `delivery: 'redirect'`: how long the storage's URL is good for, 1 s to 1 h. Default `'60s'`. */
  readonly redirectExpiresIn?: number | string
  /**
   * Who takes the bytes of an upload. Default `'stream'`: this process.
   *
   * `'direct'`: the client sends them to URLs of the storage's own (S3), each signed for one size, and the app sees small requests
   * alone. They go to a place where nobody reads them; nothing is published before the client has come back, its token is still
   * good, and the storage has what was announced. Needs a driver with native uploads. The size must be known beforehand. A
   * `sniff` function is shown the first bytes out of the storage, `onUploadCompleted` and a webhook have the app read all.
   */
  readonly uploads?: 'stream' | 'direct'
  /** The most that any upload may store, bytes or `'5gb'`; a token may ask for less. Default `'5gb'`. */
  readonly maxUploadSize?: number | string
  /**
   * Looks at the first bytes (up to 4 100) of an upload and says what they are; `fileTypeFromBuffer` of the
   * `file-type` package fits. Without it only the header's type is held against `allowedTypes`.
   */
  readonly sniff?: (head: Uint8Array) => Promise<SniffedType | undefined> | SniffedType | undefined
  /**
   * Called with what was measured when an upload is stored, and awaited before the client gets its answer. The object
   * can be read by then. If it throws, the client gets 500 `completion_failed` and the upload is taken back: a new
   * object is removed, a replaced one is put back with its metadata.
   */
  readonly onUploadCompleted?: (upload: CompletedUpload) => void | Promise<void>
  /** Tells another service of each completed upload; see `uploadWebhook`. */
  readonly webhook?: UploadWebhook
  /** How uploads in parts are taken. */
  readonly multipart?: MultipartOptions
  /**
   * Decides who may mint over HTTP. Absent, and without an `authorize` of the adapter: nobody, and the routes for it
   * do not exist. The adapter's own wins, and gets the framework's request.
   */
  readonly authorize?: Authorize
  /** How often URLs may be minted over HTTP; 429 beyond that. Default: as often as anyone likes. */
  readonly rateLimit?: RateLimit
  /** Cross-origin access (Fetch standard). Absent: none of the CORS headers is sent. */
  readonly cors?: CorsOptions
  /** `Cross-Origin-Resource-Policy` of private replies. Default `same-site`; public ones always get `cross-origin`. */
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin'
  /**
   * Whether replies say in `Server-Timing` (W3C) how many milliseconds they took up to their first byte: in all, and for token,
   * hook, ledger and storage. Only replies to good tokens, of public objects, and to what `authorize` has allowed: a
   * stranger would learn from it which keys are taken. The origins of `cors` may read it (`Timing-Allow-Origin`).
   * Default `true`.
   */
  readonly serverTiming?: boolean
  /** Told of each fault that is not the client's (status 500 and up). Default: `console.error`. */
  readonly onError?: (error: unknown, request: { method: string; path: string }) => void
  /** The time in milliseconds; default `Date.now`. For tests. */
  readonly now?: () => number
}

/** How the web server in front is told which file to send. */
export interface AccelOptions {
  /**
   * nginx knows `X-Accel-Redirect`, which gets the path below `location`; Apache's mod_xsendfile and lighttpd know `X-Sendfile`,
   * which gets the absolute path. Default `X-Accel-Redirect`.
   */
  readonly header?: 'X-Accel-Redirect' | 'X-Sendfile'
  /** Of nginx: an `internal` location whose `alias` is the root of the driver, such as `/protected/`. None for `X-Sendfile`. */
  readonly location?: string
}

/** How uploads in parts are taken. */
export interface MultipartOptions {
  /** How long an upload may take from its begin to its completion: 1 min to 7 days. Default `'24h'`. */
  readonly ttl?: number | string
  /** What clients are told to put into a part: 64 KiB to 5 GiB. Default `'8mb'`. */
  readonly partSize?: number | string
}

/** What a `sniff` function found. */
export interface SniffedType {
  /** For example `image/png`. */
  readonly mime: string
}

/** Which other origins may use the mount from a browser. */
export interface CorsOptions {
  /** Exact origins (`https://app.example.com`), or `'*'` for every one. */
  readonly origins: '*' | readonly string[]
  /**
   * Whether pages of these origins may use what cookies open (`credentials: 'include'`). Needs a list of origins.
   * Default `false`.
   */
  readonly credentials?: boolean
  /** How long a browser may remember a preflight, seconds. Default 600. */
  readonly maxAge?: number
}
