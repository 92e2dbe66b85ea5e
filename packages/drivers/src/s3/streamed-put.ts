import { Readable } from 'node:stream'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { type Bytes, LatchkeyError } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import type { WriteConditions } from './conditions.js'

/** As much as one request may store. */
export const LARGEST_PUT = 5 * 1024 ** 3

/** What a body threw, on its way through a request to the store. */
export class BodyFailure extends Error {
  override readonly name = 'BodyFailure'

  constructor(cause: unknown) {
    super('The body failed', { cause })
  }
}

/**
 * Stores a body as it comes, in one request that cannot be repeated. Stores that check no condition when parts are
 * completed check it here. What the body throws comes out as a
 * `BodyFailure`, and nothing is stored then.
 */
export async function streamedPut(
  bucket: Bucket,
  name: string,
  body: Bytes,
  size: number,
  fields: Readonly<Record<string, unknown>>,
  condition: WriteConditions,
): Promise<string | undefined> {
  const { client, bucket: Bucket, patienceMs } = bucket.settings
  if ((await client.config.requestChecksumCalculation()) !== 'WHEN_REQUIRED') throw wrongChecksums()
  const controller = new AbortController()
  let failure: { readonly error: unknown } | undefined
  let timer: NodeJS.Timeout | undefined
  const end = (error: unknown): void => {
    failure ??= { error }
    controller.abort()
  }
  const watch = (factor: number): void => {
    timer = setTimeout(() => end(silent(patienceMs)), patienceMs * factor)
  }
  // The store must not see the end of a body that was cut short, so a failure ends the request instead.
  async function* watched(): AsyncGenerator<Uint8Array> {
    let left = size
    // The store has an object with its last byte: that is held back until the body has ended well.
    let held: Uint8Array | undefined
    try {
      for await (const chunk of body) {
        left -= chunk.byteLength
        if (left < 0) throw lengthMismatch()
        if (held !== undefined) {
          watch(1)
          yield held
          clearTimeout(timer)
        }
        held = chunk
      }
      if (left !== 0) throw lengthMismatch()
      watch(5)
      if (held !== undefined) yield held
    } catch (error) {
      end(new BodyFailure(error))
      await new Promise(() => {})
    }
  }
  try {
    const Body = Readable.from(watched(), { objectMode: false, highWaterMark: 256 * 1024 })
    const command = new PutObjectCommand({
      ...fields,
      ...condition,
      Bucket,
      Key: name,
      Body,
      ContentLength: size,
    })
    const { ETag } = await client.send(command, { abortSignal: controller.signal })
    return ETag
  } catch (error) {
    throw failure === undefined ? error : failure.error
  } finally {
    clearTimeout(timer)
  }
}

function silent(patienceMs: number): LatchkeyError {
  return new LatchkeyError(
    'storage_unavailable',
    `The store has taken no byte for ${patienceMs / 1000} seconds`,
  )
}

function lengthMismatch(): LatchkeyError {
  return new LatchkeyError('length_mismatch', 'The body is not as long as its size says')
}

function wrongChecksums(): LatchkeyError {
  return new LatchkeyError(
    'invalid_option',
    'This store holds large uploads to a condition only in a single request, which it takes without a trailing ' +
      "checksum: make the S3Client with requestChecksumCalculation: 'WHEN_REQUIRED'",
  )
}
