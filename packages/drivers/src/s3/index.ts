import type {
  Bytes,
  MultipartStorage,
  NativePresigning,
  ObjectStat,
  OpenOptions,
  Precondition,
  StorageDriver,
  StoredObject,
  Visibility,
  WriteOptions,
  WriteResult,
} from '@latchkey/core'
import { Bucket } from './bucket.js'
import { deleteObject } from './delete-object.js'
import { openObject } from './open-object.js'
import { presigning } from './presigning.js'
import { nameOf, requireName } from './s3-key.js'
import { setVisibility } from './set-visibility.js'
import { readSettings, type S3DriverOptions } from './settings.js'
import { S3Multipart } from './uploads/index.js'
import { UploadSweep } from './uploads/sweep-uploads.js'
import { writeObject } from './write-object.js'

export type { S3Presigner, S3PresignerOptions } from './presigning.js'
export type { S3DriverOptions } from './settings.js'

/**
 * Keeps objects in a bucket of S3, or of a store that speaks its language, through your own client.
 *
 * - An object's name in the bucket is `prefix` and its key. Type and cache age are its `Content-Type` and
 *   `Cache-Control`; visibility and a nonce are metadata `latchkey-*`. No ACL is used.
 * - `.latchkey/` below the prefix is the driver's own: the parts of uploads, scratch objects. A lifecycle rule for it clears
 *   what a process that was killed leaves behind.
 * - ETags are the store's own: two versions with the same bytes may share one.
 * - Conditions are checked by the store when it publishes. Whether it does is tried out once; where it does not, writes
 *   that need it fail as `invalid_option`.
 * - Where the store ignores `If-Match` on DELETE (Ceph), a removal on condition leaves a marker of 16 bytes, which counts as
 *   a free key.
 *
 * @throws LatchkeyError `invalid_option` for an option that does not exist or is out of its bounds.
 */
export function s3Driver(options: S3DriverOptions): StorageDriver & { readonly multipart: MultipartStorage } {
  return new S3Driver(new Bucket(readSettings(options)))
}

class S3Driver implements StorageDriver {
  readonly capabilities
  readonly multipart: S3Multipart
  readonly presigning?: NativePresigning
  readonly setVisibility?: (key: string, visibility: Visibility) => Promise<boolean>
  readonly #bucket: Bucket
  readonly #prefix: string

  constructor(bucket: Bucket) {
    const { conditionalWrites, prefix } = bucket.settings
    this.#bucket = bucket
    this.#prefix = prefix
    const sweep = new UploadSweep(bucket)
    this.multipart = new S3Multipart(bucket, sweep)
    this.capabilities = {
      ranges: true,
      conditionalWrites,
      metadata: true,
      versionEtags: false,
      namedVersions: true,
      heldVersions: false,
      exactRemovals: false,
      everyKey: prefix === '',
    } as const
    if (bucket.settings.getSignedUrl !== undefined) {
      this.presigning = presigning(bucket.settings.getSignedUrl, bucket, sweep)
    }
    // Without conditions a change of visibility could undo a write that comes between.
    if (conditionalWrites) this.setVisibility = (key, visibility) => this.#setVisibility(key, visibility)
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const name = nameOf(this.#prefix, key)
    const head = name === null ? null : await this.#bucket.head(name)
    return head === null || head.isMarker ? null : head.stat
  }

  async open(key: string, { held = false }: OpenOptions = {}): Promise<StoredObject | null> {
    const name = nameOf(this.#prefix, key)
    return name === null ? null : openObject(this.#bucket, name, held)
  }

  async write(key: string, body: Bytes, options: WriteOptions): Promise<WriteResult> {
    return writeObject(this.#bucket, requireName(this.#prefix, key), body, options)
  }

  async delete(key: string, precondition?: Precondition): Promise<boolean> {
    return deleteObject(this.#bucket, requireName(this.#prefix, key), precondition)
  }

  async #setVisibility(key: string, visibility: Visibility): Promise<boolean> {
    const name = nameOf(this.#prefix, key)
    return name === null ? false : setVisibility(this.#bucket, name, visibility)
  }
}
