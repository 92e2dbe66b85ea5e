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
import type { Bucket } from '../bucket.js'
import { completeUpload } from './complete-upload.js'
import { Completions } from './completions.js'
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
  readonly #completions = new Completions()
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
    const session = UploadSession.require(this.#bucket, key, uploadId)
    return writePart(this.#bucket, session, partNumber, body, options, this.#parts)
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]> {
    const { parts } = await UploadSession.require(this.#bucket, key, uploadId).openState()
    return parts.map(({ partNumber, etag, size }) => ({ partNumber, etag, size }))
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult> {
    const session = UploadSession.require(this.#bucket, key, uploadId)
    const name = this.#bucket.settings.prefix + key
    return this.#completions.run(
      uploadId,
      () => completeUpload(this.#bucket, session, name, parts, options),
      () => session.remove(),
    )
  }

  async abort(key: string, uploadId: string): Promise<void> {
    this.#completions.abort(uploadId)
    await UploadSession.find(this.#bucket, key, uploadId)?.remove()
  }
}
