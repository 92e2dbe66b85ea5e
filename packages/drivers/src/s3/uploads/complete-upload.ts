import {
  type CompleteMultipartOptions,
  LatchkeyError,
  type UploadedPart,
  type WriteResult,
} from '@latchkey/core'
import { selectParts } from '../../part-list.js'
import { assertPrecondition } from '../../precondition.js'
import { isNotFound } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { copyVersions } from '../copy-versions.js'
import { readName } from '../read-name.js'
import { parseRecord, parseResult, resultText, type StoredResult } from './record-text.js'
import type { SessionPart, UploadSession } from './session.js'

type PartList = readonly Pick<UploadedPart, 'partNumber' | 'etag'>[]

/** Shows the bytes of the listed parts, then makes them the object. */
export function completeUpload(
  bucket: Bucket,
  session: UploadSession,
  name: string,
  list: PartList,
  options: CompleteMultipartOptions,
): Promise<WriteResult> {
  return unlessCompleted(session, () => publishParts(bucket, session, name, list, options))
}

/**
 * What a completion gives, or, where it fails, what the upload was completed with: before, or by another process meanwhile,
 * which then removes what this one reads.
 */
export async function unlessCompleted<T>(
  session: UploadSession,
  complete: () => Promise<T>,
): Promise<T | StoredResult> {
  try {
    return await complete()
  } catch (error) {
    const result = await completedResult(session).catch((fault: unknown) => {
      throw isNotFound(error) ? fault : error
    })
    if (result !== null) return result
    throw error
  }
}

async function completedResult(session: UploadSession): Promise<StoredResult | null> {
  const { isComplete } = await session.state()
  return isComplete ? parseResult(await session.readResult()) : null
}

async function publishParts(
  bucket: Bucket,
  session: UploadSession,
  name: string,
  list: PartList,
  options: CompleteMultipartOptions,
): Promise<WriteResult> {
  const look = async (): Promise<readonly SessionPart[]> =>
    selectParts(list, (await session.openState()).parts, options.maxTotal)
  const before = await look()
  const { contentType, visibility, cacheControlMaxAge } = parseRecord(await session.readRecord())
  await assertFree(bucket, session, name, options)
  try {
    await show(bucket, session, before, options)
  } catch (error) {
    if (!isGone(error)) throw error
    // Their bytes went while they were read: this tells why.
    await look()
    throw new LatchkeyError('storage_unavailable', 'The bytes of a part are gone, and the part is not', {
      cause: error,
    })
  }
  const selected = await look()
  const result = await copyVersions(
    bucket,
    selected.map(({ nonce, size }) => ({ name: session.dataName(nonce), size })),
    {
      name,
      metadata: { contentType, visibility, ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }) },
      precondition: options.precondition,
      version: session.id,
    },
  )
  await session.writeResult(resultText(result))
  await session.clear()
  return result
}

/** Fails before the bytes are read where it is clear that they cannot be published. */
export async function assertFree(
  bucket: Bucket,
  session: UploadSession,
  name: string,
  { precondition }: Pick<CompleteMultipartOptions, 'precondition'>,
): Promise<void> {
  if (precondition === undefined) return
  const head = await bucket.head(name)
  // Published before, by a process that came no further.
  if (head?.version === session.id) return
  assertPrecondition(precondition, head === null || head.isMarker ? null : head.stat)
}

async function show(
  bucket: Bucket,
  session: UploadSession,
  parts: readonly SessionPart[],
  { onBytes, onEnd }: CompleteMultipartOptions,
): Promise<void> {
  if (onBytes !== undefined) {
    for (const { nonce, size } of parts) {
      if (size === 0) continue
      for await (const chunk of await readName(bucket, { name: session.dataName(nonce), size })) {
        await onBytes(chunk)
      }
    }
  }
  await onEnd?.()
}

function isGone(error: unknown): boolean {
  return error instanceof LatchkeyError && error.code === 'precondition_failed'
}
