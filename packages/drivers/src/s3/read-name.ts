import { type ByteRange, type Bytes, LatchkeyError } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { ObjectBody } from './object-body.js'
import { meansAbsent, meansConditionFailed, storeError } from './store-errors.js'

/** A version of an object, by its name in the bucket. */
export interface NamedVersion {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Absent where nothing else can have the name. */
  readonly etag?: string
}

/**
 * The bytes of a version.
 *
 * @throws LatchkeyError `precondition_failed` where the name has another version by now, or none
 */
export async function readName(
  bucket: Bucket,
  { name, size, etag }: NamedVersion,
  range: ByteRange = { first: 0, last: size - 1 },
): Promise<Bytes> {
  const whole = range.first === 0 && range.last === size - 1
  try {
    const { Body } = await bucket.get(name, {
      // Without a range the client checks the checksum of the whole, where the store has one.
      ...(!whole && { Range: `bytes=${range.first}-${range.last}` }),
      ...(etag !== undefined && { IfMatch: etag }),
    })
    return new ObjectBody(Body, range.last - range.first + 1, bucket.settings.patienceMs)
  } catch (error) {
    throw meansConditionFailed(error) || meansAbsent(error) ? versionGone(error) : storeError(error)
  }
}

/** Several versions, one after the other. */
export async function* readNames(
  bucket: Bucket,
  versions: readonly NamedVersion[],
): AsyncGenerator<Uint8Array> {
  for (const version of versions) {
    if (version.size > 0) yield* await readName(bucket, version)
  }
}

/** What was opened is not there any more. */
export function versionGone(cause?: unknown): LatchkeyError {
  return new LatchkeyError(
    'precondition_failed',
    'The version that was opened has been replaced or removed',
    {
      cause,
    },
  )
}
