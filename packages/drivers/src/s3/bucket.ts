import { randomBytes } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { bodyDigest } from './body-digest.js'
import type { WriteConditions } from './conditions.js'
import { readHead, type StoredHead } from './metadata.js'
import { request, translated } from './request.js'
import type { S3Settings } from './settings.js'
import { meansAbsent, noBucket } from './store-errors.js'

/** What a stored object is sent with. */
type Fields = Readonly<Record<string, unknown>>

/** The requests of one object, by its name in the bucket. */
// Not named `Bucket` here: TypeScript 7.0.2 would take the member `Bucket` of each request for the class, and emit another name.
class BucketRequests {
  readonly settings: S3Settings
  #exists = false

  constructor(settings: S3Settings) {
    this.settings = settings
  }

  /** `null` where there is no object. A marker is given as what it is. */
  async head(name: string, signal?: AbortSignal): Promise<StoredHead | null> {
    const { client, bucket } = this.settings
    try {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: name })
      const fields = await request(this.limits(signal), (options) => client.send(command, options))
      return readHead(fields)
    } catch (error) {
      if (!meansAbsent(error)) return translated(Promise.reject(error))
      // The answer to HEAD has no body that could tell a missing object from a missing bucket.
      await this.#requireExists()
      return null
    }
  }

  /** What GET answers, its body unread. Fails with the store's own error. */
  async get(name: string, fields: { readonly Range?: string; readonly IfMatch?: string }) {
    const { client, bucket } = this.settings
    const command = new GetObjectCommand({ Bucket: bucket, Key: name, ...fields })
    return request(this.limits(), (options) => client.send(command, options))
  }

  /** Stores bytes. Gives the ETag. Fails with the store's own error. */
  async put(
    name: string,
    bytes: Uint8Array,
    fields: Fields,
    condition: WriteConditions = {},
  ): Promise<string | undefined> {
    const { client, bucket } = this.settings
    const command = new PutObjectCommand({
      ...fields,
      ...condition,
      ...bodyDigest(bytes),
      Bucket: bucket,
      Key: name,
      Body: bytes,
      ContentLength: bytes.byteLength,
    })
    const { ETag } = await request(this.limits(), (options) => client.send(command, options))
    return ETag
  }

  /** Removes an object, or nothing. Fails with the store's own error. */
  async remove(name: string, condition: Pick<WriteConditions, 'IfMatch'> = {}): Promise<void> {
    const { client, bucket } = this.settings
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: name, ...condition })
    await request(this.limits(), (options) => client.send(command, options))
  }

  /** All names below a prefix, in the order of their bytes. */
  async *list(prefix: string, startAfter?: string): AsyncGenerator<{ name: string; size: number }> {
    const { client, bucket } = this.settings
    let token: string | undefined
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(startAfter !== undefined && { StartAfter: startAfter }),
        ...(token !== undefined && { ContinuationToken: token }),
      })
      const page = await translated(request(this.limits(), (options) => client.send(command, options)))
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key !== undefined) yield { name: Key, size: Size ?? 0 }
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  /** A name that nobody else has, in the driver's own folder. */
  scratchName(kind: string): string {
    return `${this.settings.prefix}.latchkey/${kind}/${randomBytes(16).toString('base64url')}`
  }

  limits(signal?: AbortSignal, factor = 1): { readonly timeoutMs: number; readonly signal?: AbortSignal } {
    const timeoutMs = this.settings.patienceMs * factor
    return signal === undefined ? { timeoutMs } : { timeoutMs, signal }
  }

  async #requireExists(): Promise<void> {
    if (this.#exists) return
    const { client, bucket } = this.settings
    try {
      await request(this.limits(), (options) =>
        client.send(new HeadBucketCommand({ Bucket: bucket }), options),
      )
      this.#exists = true
    } catch (error) {
      throw meansAbsent(error) ? noBucket(bucket) : await translated(Promise.reject(error))
    }
  }
}

export { BucketRequests as Bucket }
