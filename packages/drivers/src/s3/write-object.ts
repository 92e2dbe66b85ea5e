import { randomBytes } from 'node:crypto'
import {
  type Bytes,
  LatchkeyError,
  type Precondition,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import { BodyReader } from '../body-reader.js'
import { BlockSource, expectedBytes } from './block-source.js'
import type { Bucket } from './bucket.js'
import { commit } from './commit.js'
import { conditionSupport } from './conditions.js'
import { metadataFields, type ObjectMetadata } from './metadata.js'
import { nextPartSize } from './part-size.js'
import { PartsUpload } from './parts-upload.js'
import { readName } from './read-name.js'
import { translated } from './request.js'
import { storeError } from './store-errors.js'
import { LARGEST_PUT, streamedPut } from './streamed-put.js'

const PARALLEL_PARTS = 2

/** What is stored under which name. */
export interface WriteRequest {
  readonly name: string
  readonly metadata: ObjectMetadata
  readonly precondition?: Precondition | undefined
  /** Bytes, where known. */
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes; more fails as `too_large`. */
  readonly maxBytes?: number
  /** The nonce that the object is stored with; drawn where absent. */
  readonly version?: string
}

/** Stores an object, all or nothing. */
export async function writeObject(
  bucket: Bucket,
  name: string,
  body: Bytes,
  options: WriteOptions,
): Promise<WriteResult> {
  const { contentType, visibility, cacheControlMaxAge, precondition, size, signal } = options
  const metadata = {
    contentType,
    visibility,
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
  }
  return writeBytes(bucket, body, { name, metadata, precondition, size, signal })
}

/** As `writeObject`, for whatever the driver itself stores. */
export async function writeBytes(bucket: Bucket, body: Bytes, request: WriteRequest): Promise<WriteResult> {
  const reader = new BodyReader(body, request.signal, request.maxBytes)
  try {
    return await new ObjectWrite(bucket, reader, request).run()
  } finally {
    reader.release()
  }
}

class ObjectWrite {
  readonly #bucket: Bucket
  readonly #reader: BodyReader
  readonly #blocks: BlockSource
  readonly #request: WriteRequest
  readonly #version: string

  constructor(bucket: Bucket, reader: BodyReader, request: WriteRequest) {
    this.#bucket = bucket
    this.#reader = reader
    this.#blocks = new BlockSource(reader)
    this.#request = request
    this.#version = request.version ?? randomBytes(16).toString('base64url')
  }

  async run(): Promise<WriteResult> {
    const { precondition, size } = this.#request
    const { conditionalWrites, partSize } = this.#bucket.settings
    if (precondition !== undefined && !conditionalWrites) throw cannotHold()
    const support = precondition === undefined ? undefined : await conditionSupport(this.#bucket)
    const first = await this.#blocks.next(partSize, expectedBytes(size))
    if (this.#blocks.ended) return this.#putWhole(first)
    if (support === undefined || support.completes) return this.#putInParts(first)
    if (size !== undefined) return this.#putStreamed(this.#remaining(first), size)
    return this.#putOverScratch(first)
  }

  async #putWhole(bytes: Uint8Array): Promise<WriteResult> {
    this.#reader.assertNotStopped()
    const fields = this.#fields()
    return this.#commit(bytes.byteLength, true, (condition) =>
      this.#bucket.put(this.#request.name, bytes, fields, condition),
    )
  }

  async #putInParts(first: Buffer): Promise<WriteResult> {
    const upload = await this.#begin(this.#request.name, this.#fields())
    try {
      const size = await this.#sendParts(upload, first)
      return await this.#commit(size, true, (condition) => upload.complete(condition))
    } catch (error) {
      await upload.abort()
      throw error
    }
  }

  async #putStreamed(body: Bytes, size: number): Promise<WriteResult> {
    if (size > LARGEST_PUT) throw tooLargeForCondition()
    const { name } = this.#request
    const fields = this.#fields()
    return this.#commit(size, false, (condition) =>
      streamedPut(this.#bucket, name, body, size, fields, condition),
    )
  }

  /** Parts whose sum nobody knows go to a scratch object, from which one request of known length is fed. */
  async #putOverScratch(first: Buffer): Promise<WriteResult> {
    const scratch = this.#bucket.scratchName('spool')
    const upload = await this.#begin(scratch, {})
    try {
      const size = await this.#sendParts(upload, first)
      if (size > LARGEST_PUT) throw tooLargeForCondition()
      await translated(upload.complete({}))
      return await this.#putStreamed(await readName(this.#bucket, { name: scratch, size }), size)
    } catch (error) {
      await upload.abort()
      throw error
    } finally {
      await this.#bucket.remove(scratch).catch(() => {})
    }
  }

  #begin(name: string, fields: Readonly<Record<string, unknown>>): Promise<PartsUpload> {
    return PartsUpload.begin(this.#bucket, name, fields, {
      parallel: PARALLEL_PARTS,
      onFailure: (error) => this.#reader.fail(storeError(error)),
    })
  }

  /** Sends all blocks and gives the sum of their bytes. */
  async #sendParts(upload: PartsUpload, first: Buffer): Promise<number> {
    const { partSize } = this.#bucket.settings
    let sent = 0
    for (let block = first; block.byteLength > 0; ) {
      const part = block
      await translated(upload.add(part, () => this.#blocks.recycle(part)))
      sent += part.byteLength
      if (this.#blocks.ended) break
      block = await this.#blocks.next(nextPartSize(partSize, sent, this.#request.size))
    }
    await translated(upload.settle())
    this.#reader.assertNotStopped()
    return sent
  }

  async *#remaining(first: Buffer): AsyncGenerator<Uint8Array> {
    yield first
    while (!this.#blocks.ended) {
      const block = await this.#blocks.next(256 * 1024)
      if (block.byteLength > 0) yield block
    }
    this.#reader.assertNotStopped()
  }

  #fields() {
    return metadataFields(this.#request.metadata, this.#version)
  }

  #commit(
    size: number,
    repeatable: boolean,
    publish: Parameters<typeof commit>[1]['publish'],
  ): Promise<WriteResult> {
    const { name, metadata, precondition } = this.#request
    const version = this.#version
    return commit(this.#bucket, { name, version, size, metadata, precondition, repeatable, publish })
  }
}

function cannotHold(): LatchkeyError {
  return new LatchkeyError('invalid_option', 'This driver was made with conditionalWrites: false')
}

/** More than a store can hold to a condition that checks none when parts are completed. */
export function tooLargeForCondition(): LatchkeyError {
  return new LatchkeyError('too_large', 'This store can hold an upload to a condition up to 5 GiB only')
}
