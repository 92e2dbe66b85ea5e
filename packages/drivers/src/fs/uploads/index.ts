import type {
  Bytes,
  CompleteMultipartOptions,
  CreateMultipartOptions,
  MultipartStorage,
  UploadedPart,
  WritePartOptions,
  WriteResult,
} from '@latchkey/core'
import { Turns } from '../../turns.js'
import { uploadNotFound } from '../../upload-errors.js'
import { storageError } from '../storage-errors.js'
import type { WriteStore } from '../store.js'
import { completeUpload } from './complete-upload.js'
import { readParts, uploadedPart } from './part-file.js'
import { completedResult } from './record.js'
import { abortUpload } from './remove-upload.js'
import { createSession, openSession } from './session.js'
import { sweepUploads } from './sweep-uploads.js'
import { writePart } from './write-part.js'

const SWEEP_EVERY_MS = 10 * 60 * 1000

/** Uploads in parts, each in a folder below the driver's own. Any process that shares the root may take part in one. */
export class FsMultipart implements MultipartStorage {
  readonly #store: () => Promise<WriteStore>
  readonly #completions = new Turns()
  #sweptAt = Date.now()

  constructor(store: () => Promise<WriteStore>) {
    this.#store = store
  }

  async create(key: string, options: CreateMultipartOptions): Promise<string> {
    const store = await this.#store()
    this.#sweepAtTimes(store)
    return createSession(store, key, options).catch(rethrow)
  }

  async writePart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Bytes,
    options: WritePartOptions,
  ): Promise<UploadedPart> {
    return writePart(await this.#store(), key, uploadId, partNumber, body, options)
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]> {
    try {
      const { folder } = await openSession(await this.#store(), key, uploadId)
      const { parts } = await readParts(folder)
      // Asked after the look: a completion removes the parts.
      if ((await completedResult(folder)) !== null) throw uploadNotFound()
      return parts.map(uploadedPart)
    } catch (error) {
      throw storageError(error)
    }
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult> {
    const store = await this.#store()
    // In turn, so that who repeats a slow completion gets its result rather than assembles everything again.
    return this.#completions.run(uploadId, () => completeUpload(store, key, uploadId, parts, options))
  }

  async abort(key: string, uploadId: string): Promise<void> {
    return abortUpload(await this.#store(), key, uploadId).catch(rethrow)
  }

  #sweepAtTimes(store: WriteStore): void {
    const now = Date.now()
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return
    this.#sweptAt = now
    sweepUploads(store).catch(() => {})
  }
}

function rethrow(error: unknown): never {
  throw storageError(error)
}
