import { randomBytes } from 'node:crypto'
import type { Bytes, WriteResult } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { commit } from './commit.js'
import { conditionSupport } from './conditions.js'
import { checksCopySource } from './copy-source.js'
import { metadataFields } from './metadata.js'
import { type CopiedSpan, PartsUpload } from './parts-upload.js'
import { type NamedVersion, readNames } from './read-name.js'
import { translated } from './request.js'
import { MIB } from './settings.js'
import { type WriteRequest, writeBytes } from './write-object.js'

/** S3 takes no smaller part, but for the last one. */
const SMALLEST_PART = 5 * MIB
const LARGEST_SPAN = 512 * MIB
const PARALLEL_COPIES = 4

/** What is to be made of copies. */
export interface CopyRequest extends Omit<WriteRequest, 'size'> {
  /** Whether others may write to the sources, so that only a store that checks their ETags may copy them. Default `false`. */
  readonly foreignSources?: boolean
  /** Passes the bytes on, if they are the right ones. Where it is given, they are always read. */
  readonly check?: (body: Bytes) => Bytes
}

/**
 * Stores an object that is made of others: by the store itself where it can, else by reading and writing them. What is
 * small, has small parts, or must be held to a condition that the store checks on a single request only, is read.
 */
export async function copyVersions(
  bucket: Bucket,
  sources: readonly NamedVersion[],
  request: CopyRequest,
): Promise<WriteResult> {
  const parts = sources.filter(({ size }) => size > 0)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const { name, metadata, precondition, foreignSources = false, check } = request
  const mayCopy = check === undefined && (!foreignSources || (await checksCopySource(bucket)))
  if (!mayCopy || !(await canCopy(bucket, parts, size, precondition !== undefined))) {
    const bytes = readNames(bucket, parts)
    return writeBytes(bucket, check === undefined ? bytes : check(bytes), { ...request, size })
  }
  const version = request.version ?? randomBytes(16).toString('base64url')
  const fields = metadataFields(metadata, version)
  const upload = await PartsUpload.begin(bucket, name, fields, { parallel: PARALLEL_COPIES })
  try {
    for (const part of parts) {
      for (const span of spansOf(part)) await translated(upload.copy(span))
    }
    await translated(upload.settle())
    const publish: Parameters<typeof commit>[1]['publish'] = (condition) => upload.complete(condition)
    return await commit(bucket, { name, version, size, metadata, precondition, repeatable: true, publish })
  } catch (error) {
    await upload.abort()
    throw error
  }
}

async function canCopy(
  bucket: Bucket,
  parts: readonly NamedVersion[],
  size: number,
  conditional: boolean,
): Promise<boolean> {
  if (size <= bucket.settings.partSize) return false
  if (parts.slice(0, -1).some((part) => part.size < SMALLEST_PART)) return false
  if (!conditional || !bucket.settings.conditionalWrites) return true
  return (await conditionSupport(bucket)).completes
}

/** Even spans, none of which is too small to be a part. */
function* spansOf({ name, etag, size }: NamedVersion): Generator<CopiedSpan> {
  const count = Math.ceil(size / LARGEST_SPAN)
  const length = Math.ceil(size / count)
  for (let first = 0; first < size; first += length) {
    yield { name, ...(etag !== undefined && { etag }), first, last: Math.min(first + length, size) - 1 }
  }
}
