import type { Visibility } from '../token/grant.js'
import type { Bytes } from './bytes.js'
import type { MultipartStorage } from './multipart-storage.js'
import type { NativeUploads } from './native-uploads.js'

/** What is known of a stored object. */
export interface ObjectStat {
  /** Bytes. */
  readonly size: number
  /**
   * A strong validator (RFC 9110, section 8.8.3) in its quotes. Two versions of an object never share one. A storage that
   * has no such thing gives a weak one (`W/"…"`) and says so (`strongEtags: false`): it never holds an `If-Match`.
   */
  readonly etag: string
  /**
   * Names the version, where the storage can (`namedVersions`): another one with the same ETag has another name, and a
   * change of visibility keeps the name. Never shown to clients.
   */
  readonly version?: string
  readonly lastModified: Date
  /** As given at upload. Absent for an object that came from elsewhere: the type then follows from the key. */
  readonly contentType?: string
  /** Absent means private. */
  readonly visibility?: Visibility
  /** Seconds, as given at upload. */
  readonly cacheControlMaxAge?: number
}

/** A span of bytes, both ends included, inside the object: `0 <= first <= last < size`. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** A file of this machine that holds an object's bytes and nothing else. */
export interface StoredFile {
  /** Absolute, without symbolic links; the objects' files are below it. */
  readonly root: string
  /** The path from the root, with forward slashes, without symbolic links. */
  readonly name: string
}

/** One version of an object, opened: its stat and its bytes belong together whatever happens to the key. */
export interface StoredObject {
  readonly stat: ObjectStat
  /** Where its bytes lie, for another program (nginx) to send them; absent where they are in no file. */
  readonly file?: StoredFile
  /**
   * The bytes of that version, the whole or a range. Called at most once. A small object may come as one array, or as
   * `SharedBytes` where others read the same memory.
   * The iterator's `return` releases everything, also when it was never started. A body that turns out shorter
   * than announced throws rather than ends.
   *
   * Without `heldVersions` it fails as `precondition_failed` once the key has another version or none, unless the
   * object was opened with `held`.
   */
  read(range?: ByteRange): Bytes | Uint8Array | Promise<Bytes | Uint8Array>
  /** Releases what is held without reading it. Does nothing after `read`, whose result then owns it. */
  close(): Promise<void>
}

/** What must hold at the moment an object is replaced or removed. */
export type Precondition =
  /** The key must be free. Fails as `exists`. */
  | { readonly type: 'absent' }
  /**
   * The object must exist and have one of these ETags, compared strongly; and be of this `version`, where its stat told
   * one. Fails as `precondition_failed`.
   */
  | { readonly type: 'match'; readonly etags: readonly string[]; readonly version?: string }

/** What is stored beside the bytes, and under which condition. */
export interface WriteOptions {
  readonly contentType: string
  readonly visibility: Visibility
  /** Seconds. */
  readonly cacheControlMaxAge?: number
  /** Checked atomically with the publishing of the object, not only before. Absent: create or replace. */
  readonly precondition?: Precondition
  /** Bytes, where the client announced them. */
  readonly size?: number
  /** Aborting it fails the write. */
  readonly signal?: AbortSignal
}

/** What became of a write. */
export interface WriteResult {
  readonly stat: ObjectStat
  /** Whether the key was free before. */
  readonly created: boolean
}

/** What a driver can do by itself. What is left out counts as said in its comment. */
export interface DriverCapabilities {
  /** `StoredObject.read(range)` reads just that range. Without it the core serves whole objects and says so. */
  readonly ranges: boolean
  /** `write` and `delete` check their precondition atomically. Without it the core refuses uploads that need one. */
  readonly conditionalWrites: boolean
  /** Visibility and cache age are stored. Without it only private objects can be uploaded. */
  readonly metadata: boolean
  /** Visibility is stored, whatever becomes of the cache age. Default: as `metadata`. */
  readonly visibility?: boolean
  /** The media type of an upload is stored. Without it the type follows from the key. Default `true`. */
  readonly contentTypes?: boolean
  /** Objects can be written, all or nothing. Without it the core refuses every upload. Default `true`. */
  readonly uploads?: boolean
  /** ETags are strong. Without it the core holds no `If-Match` and refuses to mint `ifMatch`. Default `true`. */
  readonly strongEtags?: boolean
  /**
   * Each write has an ETag of its own. Without it, as where an ETag is a digest of the bytes, equal bytes may share one:
   * the core then takes no refused upload back, as it could be another's, unless it has `namedVersions`. Default `true`.
   */
  readonly versionEtags?: boolean
  /**
   * Stats tell a `version`, and a precondition with one is checked just before the atomic check of the ETag. What is left
   * is that an object with the same bytes comes between these two. Default `false`.
   */
  readonly namedVersions?: boolean
  /** Every key that `assertObjectKey` accepts can be stored. Without it some fail as `invalid_key`. Default `true`. */
  readonly everyKey?: boolean
  /**
   * Every opened version stays readable when its key is replaced or removed. Without it only those do that are opened
   * with `held`, and the core opens an object again where another version came between. Default `true`.
   */
  readonly heldVersions?: boolean
  /** Of racing removals of one version exactly one gives `true`. Without it several may. Default `true`. */
  readonly exactRemovals?: boolean
}

/** What a reply that the storage sends by itself carries. */
export interface PresignedReadOptions {
  /** Seconds that the URL is good for. */
  readonly expiresIn: number
  readonly contentType: string
  readonly cacheControl: string
  /** RFC 6266; absent: none. */
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly expires?: string
}

/** URLs of the storage's own, with which a client gets an object from it directly, or sends it one. */
export interface NativePresigning {
  /** The URL of an object's current version; only for `GET`. The object need not exist. */
  readUrl(key: string, options: PresignedReadOptions): Promise<string>
  /** Uploads past the app; absent where the storage has none. */
  readonly uploads?: NativeUploads
}

/** How an object is opened. */
export interface OpenOptions {
  /** The version must stay readable until it is closed, whatever happens to its key. Default `false`. */
  readonly held?: boolean
}

/**
 * The app's storage behind Latchkey's contract. A driver knows nothing of HTTP or tokens. It trusts no key: it
 * checks again that a key stays inside its root.
 *
 * Failures are `LatchkeyError`s with one of the codes `invalid_key`, `exists`, `key_conflict`,
 * `precondition_failed`, `storage_full`, `storage_denied`, `storage_throttled`, `storage_unavailable`, or
 * `invalid_option` where the app promised more of its storage than it holds. An error thrown by the body of a write is
 * passed on as it is.
 */
export interface StorageDriver {
  readonly capabilities: DriverCapabilities
  /** The object's stat, or `null` where there is no such object (also for keys that this storage cannot hold). */
  stat(key: string): Promise<ObjectStat | null>
  /** Opens the current version, or `null` as for `stat`. A driver with `heldVersions` needs no options. */
  open(key: string, options?: OpenOptions): Promise<StoredObject | null>
  /**
   * Stores an object, all or nothing: a failed or aborted write leaves the key exactly as it was and nothing else
   * behind, and readers see the old object or the new one, never a mixture.
   */
  write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult>
  /** Removes an object; `false` where there was none. Never fails as `exists`. */
  delete(key: string, precondition?: Precondition): Promise<boolean>
  /**
   * Makes an object public or private; `false` where there is none. Absent where the storage cannot:
   * `Latchkey.setVisibility` then fails as `invalid_option`.
   *
   * - From its end on every `stat` and `open` tells the new visibility, in all processes that share the storage.
   * - It is one step, in turn with the writes and removals of the key: it is done to the version before or to the one
   *   after, never to bytes of the one with the metadata of the other, and it brings no removed object back.
   * - Bytes, type and cache age stay. So do ETag and time, unless the storage can only copy the object onto itself: then
   *   both may become those of a new version. What has that visibility already is left exactly as it is.
   * - Objects that came from elsewhere can be flipped, too. A failure leaves the visibility that was there.
   */
  setVisibility?(key: string, visibility: Visibility): Promise<boolean>
  /** Native presigned URLs; absent where the storage has none. */
  readonly presigning?: NativePresigning
  /** Uploads in parts; absent where the storage cannot. */
  readonly multipart?: MultipartStorage
}
