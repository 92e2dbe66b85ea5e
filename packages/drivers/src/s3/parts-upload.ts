import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { bodyDigest } from './body-digest.js'
import type { Bucket } from './bucket.js'
import type { WriteConditions } from './conditions.js'
import { unquoted } from './metadata.js'
import { request, translated } from './request.js'
import { copySource } from './s3-key.js'
import { meansAbsent } from './store-errors.js'

/** Assembling the parts of an object may take a store minutes, an upload or copy of one many seconds. */
const PART_PATIENCE = 5
const COMPLETE_PATIENCE = 10
const ABORT_PAUSES_MS = [500, 2000, 10_000, 60_000]

/** Bytes of an object in the bucket, both ends included. */
export interface CopiedSpan {
  readonly name: string
  /** Absent where nothing else can have the name. */
  readonly etag?: string
  readonly first: number
  readonly last: number
}

/** A native multipart upload of the store: a few parts are under way at once, and nothing is left of one that fails. */
export class PartsUpload {
  readonly #bucket: Bucket
  readonly #target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string }
  readonly #inFlight = new Set<Promise<void>>()
  readonly #etags: string[] = []
  readonly #ending = new AbortController()
  readonly #parallel: number
  readonly #onFailure: (error: unknown) => void
  #failure: { readonly error: unknown } | undefined

  private constructor(bucket: Bucket, name: string, uploadId: string, options: PartsUploadOptions) {
    this.#bucket = bucket
    this.#target = { Bucket: bucket.settings.bucket, Key: name, UploadId: uploadId }
    this.#parallel = options.parallel
    this.#onFailure = options.onFailure ?? (() => {})
  }

  /** Begins an upload. `fields` is what the object is stored with. */
  static async begin(
    bucket: Bucket,
    name: string,
    fields: Readonly<Record<string, unknown>>,
    options: PartsUploadOptions,
  ): Promise<PartsUpload> {
    const { client, bucket: Bucket } = bucket.settings
    const command = new CreateMultipartUploadCommand({ ...fields, Bucket, Key: name })
    const { UploadId } = await translated(request(bucket.limits(), (more) => client.send(command, more)))
    return new PartsUpload(bucket, name, UploadId ?? '', options)
  }

  /** Sends the next part; returns once there is room for another. `onSent` is told when the bytes are free again. */
  async add(bytes: Uint8Array, onSent: () => void): Promise<void> {
    const { client } = this.#bucket.settings
    await this.#start(async (PartNumber) => {
      const command = new UploadPartCommand({
        ...this.#target,
        ...bodyDigest(bytes),
        PartNumber,
        Body: bytes,
        ContentLength: bytes.byteLength,
      })
      const limits = this.#bucket.limits(this.#ending.signal, PART_PATIENCE)
      const { ETag } = await request(limits, (options) => client.send(command, options))
      onSent()
      return ETag
    })
  }

  /** Has the store take the next part from an object that it holds. */
  async copy({ name, etag, first, last }: CopiedSpan): Promise<void> {
    const { client } = this.#bucket.settings
    await this.#start(async (PartNumber) => {
      const command = new UploadPartCopyCommand({
        ...this.#target,
        PartNumber,
        CopySource: copySource(this.#target.Bucket, name),
        ...(etag !== undefined && { CopySourceIfMatch: etag }),
        CopySourceRange: `bytes=${first}-${last}`,
      })
      const limits = this.#bucket.limits(this.#ending.signal, COMPLETE_PATIENCE)
      const { CopyPartResult } = await request(limits, (options) => client.send(command, options))
      return CopyPartResult?.ETag
    })
  }

  /** Waits for the parts under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight)
    if (this.#failure) throw this.#failure.error
  }

  /** Publishes the object and gives its ETag. Fails with the store's own error; may be repeated then. */
  async complete(condition: WriteConditions): Promise<string> {
    const { client } = this.#bucket.settings
    const Parts = this.#etags.map((ETag, at) => ({ PartNumber: at + 1, ETag }))
    const command = new CompleteMultipartUploadCommand({
      ...this.#target,
      ...condition,
      MultipartUpload: { Parts },
    })
    const limits = this.#bucket.limits(undefined, COMPLETE_PATIENCE)
    const { ETag } = await request(limits, (options) => client.send(command, options))
    // Radosgw 16 answers with none where it was asked under a condition.
    return ETag || this.#computedEtag()
  }

  /**
   * Ends the upload without an object. Where the store does not answer, it is asked again a few times, behind whatever
   * comes next; what it does not forget then falls to its lifecycle rule.
   */
  async abort(): Promise<void> {
    this.#ending.abort()
    // A part that is still being stored when the upload is aborted may outlive it.
    await Promise.all(this.#inFlight)
    await this.#askToAbort().catch(() => void this.#abortLater())
  }

  async #askToAbort(): Promise<void> {
    const { client } = this.#bucket.settings
    const command = new AbortMultipartUploadCommand(this.#target)
    try {
      await request(this.#bucket.limits(), (options) => client.send(command, options))
    } catch (error) {
      if (!meansAbsent(error)) throw error
    }
  }

  async #abortLater(): Promise<void> {
    for (const pause of ABORT_PAUSES_MS) {
      await sleep(pause, undefined, { ref: false })
      try {
        return await this.#askToAbort()
      } catch {}
    }
  }

  async #start(send: (partNumber: number) => Promise<string | undefined>): Promise<void> {
    const at = this.#etags.push('') - 1
    const sending = send(at + 1).then(
      (etag) => {
        this.#etags[at] = etag ?? ''
      },
      (error: unknown) => this.#fail(error),
    )
    const tracked = sending.finally(() => this.#inFlight.delete(tracked))
    this.#inFlight.add(tracked)
    while (this.#inFlight.size >= this.#parallel && !this.#failure) await Promise.race(this.#inFlight)
    if (this.#failure) throw this.#failure.error
  }

  #fail(error: unknown): void {
    if (this.#failure) return
    this.#failure = { error }
    this.#ending.abort()
    this.#onFailure(error)
  }

  #computedEtag(): string {
    const digest = createHash('md5')
    for (const etag of this.#etags) digest.update(unquoted(etag), 'hex')
    return `"${digest.digest('hex')}-${this.#etags.length}"`
  }
}

/** How an upload goes about it. */
export interface PartsUploadOptions {
  /** Parts that are under way at once, at least one. */
  readonly parallel: number
  /** Told at once when a part fails. */
  readonly onFailure?: (error: unknown) => void
}
