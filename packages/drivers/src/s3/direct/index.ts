import { randomBytes } from 'node:crypto'
import type {
  BeginNativeOptions,
  CompleteNativeOptions,
  NativeResult,
  NativeUploads,
  PresignedWrite,
  SignNativeOptions,
  UploadedPart,
} from '@latchkey/core'
import { invalidPart } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { conditionSupport } from '../conditions.js'
import type { S3Presigner } from '../presigning.js'
import { MIB } from '../settings.js'
import { LARGEST_PUT } from '../streamed-put.js'
import { Completions } from '../uploads/completions.js'
import { UploadSession } from '../uploads/session.js'
import type { UploadSweep } from '../uploads/sweep-uploads.js'
import { tooLargeForCondition } from '../write-object.js'
import { abortNative, createNative, listNative } from './native-parts.js'
import { presignPart, presignPut } from './presign.js'
import { openRecord, publishStaged } from './publish.js'
import { type DirectRecord, sizeOfPart } from './record.js'
import { removeUpload } from './remove-upload.js'
import { requireNoForeignParts, takesUnsignedHeaders } from './unsigned-headers.js'

/**
 * Uploads whose bytes clients send to the bucket themselves. Each has a session as an upload in parts has, and its bytes come to a
 * name in there, which no key has and nobody reads.
 */
export class S3DirectUploads implements NativeUploads {
  readonly limits = { putSize: LARGEST_PUT, smallestPart: 5 * MIB, parts: 10_000, totalSize: 5 * 1024 ** 4 }
  readonly #bucket: Bucket
  readonly #getSignedUrl: S3Presigner
  readonly #sweep: UploadSweep
  readonly #completions = new Completions()

  constructor(bucket: Bucket, getSignedUrl: S3Presigner, sweep: UploadSweep) {
    this.#bucket = bucket
    this.#getSignedUrl = getSignedUrl
    this.#sweep = sweep
  }

  async begin(
    key: string,
    { expiresAt, size, partSize, conditional, ...stored }: BeginNativeOptions,
  ): Promise<string> {
    if (conditional && size > LARGEST_PUT && !(await conditionSupport(this.#bucket)).completes) {
      throw tooLargeForCondition()
    }
    const session = UploadSession.begin(this.#bucket, key, expiresAt)
    const nonce = randomBytes(16).toString('base64url')
    const write = (direct: DirectRecord['direct']) =>
      session.writeRecord(JSON.stringify({ ...stored, direct } satisfies DirectRecord))
    if (partSize === undefined) {
      const marked = await takesUnsignedHeaders(this.#bucket)
      await write({ size, nonce, ...(marked && { mark: randomBytes(16).toString('base64url') }) })
    } else {
      await requireNoForeignParts(this.#bucket)
      const name = session.dataName(nonce)
      const uploadId = await createNative(this.#bucket, name, stored.contentType)
      await write({ size, nonce, parts: { size: partSize, uploadId } }).catch(async (error: unknown) => {
        await abortNative(this.#bucket, { name, uploadId }).catch(() => {})
        throw error
      })
    }
    this.#sweep.run()
    return session.id
  }

  async sign(
    key: string,
    uploadId: string,
    { partNumber, expiresIn }: SignNativeOptions,
  ): Promise<PresignedWrite> {
    const session = UploadSession.require(this.#bucket, key, uploadId)
    const { contentType, direct } = await openRecord(session)
    const size = sizeOfPart(direct, partNumber)
    if (size === undefined) throw invalidPart(`There is no part ${partNumber} of what was announced`)
    const target = { name: session.dataName(direct.nonce), size, expiresIn }
    const { settings } = this.#bucket
    if (direct.parts !== undefined) {
      return presignPart(this.#getSignedUrl, settings, target, direct.parts.uploadId, partNumber)
    }
    return presignPut(this.#getSignedUrl, settings, target, contentType, direct.mark)
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]> {
    const session = UploadSession.require(this.#bucket, key, uploadId)
    const { direct } = await openRecord(session)
    const name = session.dataName(direct.nonce)
    if (direct.parts !== undefined) {
      return listNative(this.#bucket, { name, uploadId: direct.parts.uploadId })
    }
    const head = await this.#bucket.head(name)
    return head === null ? [] : [{ partNumber: 1, etag: head.stat.etag, size: head.stat.size }]
  }

  async complete(key: string, uploadId: string, options: CompleteNativeOptions): Promise<NativeResult> {
    const session = UploadSession.require(this.#bucket, key, uploadId)
    const name = this.#bucket.settings.prefix + key
    return this.#completions.run(
      uploadId,
      () => publishStaged(this.#bucket, session, name, options),
      () => removeUpload(this.#bucket, session),
    )
  }

  async abort(key: string, uploadId: string): Promise<void> {
    this.#completions.abort(uploadId)
    const session = UploadSession.find(this.#bucket, key, uploadId)
    if (session !== null) await removeUpload(this.#bucket, session)
  }
}
