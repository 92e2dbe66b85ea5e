import type {
  Bytes,
  CompleteMultipartOptions,
  CreateMultipartOptions,
  MultipartStorage,
  UploadedPart,
  WritePartOptions,
  WriteResult,
} from '@latchkey/core'
import { assertPartNumber } from '../../part-list.js'
import { Turns } from '../../turns.js'
import { uploadNotFound } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { nameOf } from '../s3-key.js'
import { completeUpload } from './complete-upload.js'
import { UploadSession } from './session.js'
import type { UploadSweep } from './sweep-uploads.js'
import { writePart } from './write-part.js'

/**
 * Uploads in parts. The parts are objects of their own rather than those of an upload of the store: these may not be
 * small, cannot be read before they are published, and would share their ETags. The store joins them by itself where
 * it can.
 */
export class S3Multipart implements MultipartStorage {
  readonly #bucket: Bucket
  readonly #parts = new Turns()
  readonly #completions = new Turns()
  /** The completions that are in their turn, by their uploads. */
  readonly #underWay = new Map<string, { aborted: boolean }>()
  readonly #sweep: UploadSweep

  constructor(bucket: Bucket, sweep: UploadSweep) {
    this.#bucket = bucket
    this.#sweep = sweep
  }

  async create(key: string, { expiresAt, ...record }: CreateMultipartOptions): Promise<string> {
    const session = UploadSession.begin(this.#bucket, key, expiresAt)
    await session.writeRecord(JSON.stringify(record))
    this.#sweep.run()
    return session.id
  }

  async writePart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Bytes,
    options: WritePartOptions,
  ): Promise<UploadedPart> {
    assertPartNumber(partNumber)
    const session = this.#find(key, uploadId)
    return writePart(this.#bucket, session, partNumber, body, options, this.#parts)
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]> {
    const { parts } = await this.#find(key, uploadId).openState()
    return parts.map(({ partNumber, etag, size }) => ({ partNumber, etag, size }))
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult> {
    const session = this.#find(key, uploadId)
    const name = this.#bucket.settings.prefix + key
    return this.#completions.run(uploadId, async () => {
      const underWay = { aborted: false }
      this.#underWay.set(uploadId, underWay)
      try {
        const result = await completeUpload(this.#bucket, session, name, parts, options)
        // It came too late to keep the object from being published, and the result would be kept for a repetition.
        if (underWay.aborted) await session.remove()
        return result
      } finally {
        this.#underWay.delete(uploadId)
      }
    })
  }

  async abort(key: string, uploadId: string): Promise<void> {
    const underWay = this.#underWay.get(uploadId)
    if (underWay !== undefined) underWay.aborted = true
    await this.#session(key, uploadId)?.remove()
  }

  #find(key: string, uploadId: string): UploadSession {
    const session = this.#session(key, uploadId)
    if (session === null || session.isExpired) throw uploadNotFound()
    return session
  }

  #session(key: string, uploadId: string): UploadSession | null {
    return nameOf(this.#bucket.settings.prefix, key) === null
      ? null
      : UploadSession.find(this.#bucket, key, uploadId)
  }
}
