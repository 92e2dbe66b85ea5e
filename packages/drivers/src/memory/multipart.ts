import { randomBytes } from 'node:crypto'
import {
  assertObjectKey,
  type Bytes,
  type CompleteMultipartOptions,
  type CreateMultipartOptions,
  LatchkeyError,
  type MultipartStorage,
  type UploadedPart,
  type WritePartOptions,
  type WriteResult,
} from '@latchkey/core'
import { assertPartNumber, selectParts, totalOf } from '../part-list.js'
import { assertPrecondition } from '../precondition.js'
import { Turns } from '../turns.js'
import { tooLarge } from '../upload-errors.js'
import type { Objects } from './objects.js'
import type { Room } from './room.js'
import { type StoredPart, UploadSessions } from './upload-sessions.js'

/** Uploads in parts, held until they complete, are aborted, or expire. */
export class MemoryMultipart implements MultipartStorage {
  readonly #objects: Objects
  readonly #room: Room
  readonly #sessions: UploadSessions
  readonly #completions = new Turns()

  constructor(objects: Objects, room: Room) {
    this.#objects = objects
    this.#room = room
    this.#sessions = new UploadSessions(room)
  }

  async create(key: string, options: CreateMultipartOptions): Promise<string> {
    assertObjectKey(key)
    if (Number.isNaN(options.expiresAt.getTime())) {
      throw new LatchkeyError('invalid_option', 'expiresAt must be a time')
    }
    return this.#sessions.add(key, options)
  }

  async writePart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Bytes,
    options: WritePartOptions,
  ): Promise<UploadedPart> {
    assertPartNumber(partNumber)
    const { maxTotal, size = 0, ...limits } = options
    if (!(size <= maxTotal)) throw tooLarge()
    this.#sessions.open(key, uploadId)
    return this.#room.receive(body, { ...limits, maxBytes: maxTotal }, (bytes) => {
      const { parts } = this.#sessions.open(key, uploadId)
      const before = parts.get(partNumber)?.size ?? 0
      if (!(totalOf(parts.values()) - before + bytes.byteLength <= maxTotal)) throw tooLarge()
      const etag = `"${randomBytes(16).toString('base64url')}"`
      parts.set(partNumber, { partNumber, etag, size: bytes.byteLength, bytes })
      this.#room.give(before)
      return { partNumber, etag, size: bytes.byteLength }
    })
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadedPart[]> {
    return [...this.#sessions.open(key, uploadId).parts.values()]
      .sort((a, b) => a.partNumber - b.partNumber)
      .map(({ partNumber, etag, size }) => ({ partNumber, etag, size }))
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult> {
    return this.#completions.run(uploadId, () => this.#complete(key, uploadId, parts, options))
  }

  async abort(key: string, uploadId: string): Promise<void> {
    this.#sessions.remove(key, uploadId)
  }

  async #complete(
    key: string,
    uploadId: string,
    list: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: CompleteMultipartOptions,
  ): Promise<WriteResult> {
    const earlier = this.#sessions.resultOf(key, uploadId)
    if (earlier !== undefined) return earlier
    const { precondition, maxTotal } = options
    const select = () => selectParts(list, this.#sessions.open(key, uploadId).parts.values(), maxTotal)
    const selected = select()
    assertPrecondition(precondition, this.#objects.get(key)?.stat ?? null)
    return this.#room.receive(assembled(selected, options), {}, (bytes) => {
      // Aborted, expired, or given other parts in the meantime.
      select()
      const { metadata } = this.#sessions.open(key, uploadId)
      const result = this.#objects.publish(key, bytes, {
        ...metadata,
        ...(precondition !== undefined && { precondition }),
      })
      this.#sessions.finish(key, uploadId, result)
      return result
    })
  }
}

async function* assembled(
  parts: readonly StoredPart[],
  { onBytes, onEnd }: Pick<CompleteMultipartOptions, 'onBytes' | 'onEnd'>,
): AsyncGenerator<Uint8Array> {
  for (const { bytes } of parts) {
    if (bytes.byteLength === 0) continue
    await onBytes?.(bytes)
    yield bytes
  }
  await onEnd?.()
}
