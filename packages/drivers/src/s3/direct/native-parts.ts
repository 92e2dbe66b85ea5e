import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3'
import type { UploadedPart } from '@latchkey/core'
import { invalidPart } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { quoted } from '../metadata.js'
import { request, translated } from '../request.js'
import { meansAbsent } from '../store-errors.js'
import { type DirectRecord, sizeOfPart } from './record.js'

/** Assembling the parts of an object may take a store minutes. */
const COMPLETE_PATIENCE = 10

/** An upload of the store's own, whose parts clients send. */
export interface NativeUpload {
  readonly name: string
  readonly uploadId: string
}

/** Begins an upload of the store's own; gives its id. */
export async function createNative(bucket: Bucket, name: string, contentType: string): Promise<string> {
  const { client, bucket: Bucket } = bucket.settings
  const command = new CreateMultipartUploadCommand({ Bucket, Key: name, ContentType: contentType })
  const { UploadId = '' } = await translated(
    request(bucket.limits(), (options) => client.send(command, options)),
  )
  return UploadId
}

/** The parts that the store has, as it lists them; none where it has no such upload. */
export async function listNative(bucket: Bucket, native: NativeUpload): Promise<UploadedPart[]> {
  const { client } = bucket.settings
  const parts: UploadedPart[] = []
  for (let marker: string | undefined; ; ) {
    const command = new ListPartsCommand({ ...target(bucket, native), PartNumberMarker: marker })
    const page = await request(bucket.limits(), (options) => client.send(command, options)).catch(
      (error: unknown) => {
        if (meansAbsent(error)) return undefined
        return translated(Promise.reject(error))
      },
    )
    for (const { PartNumber, ETag, Size } of page?.Parts ?? []) {
      parts.push({ partNumber: PartNumber ?? 0, etag: quoted(ETag ?? ''), size: Size ?? 0 })
    }
    if (page?.IsTruncated !== true) return parts
    marker = page.NextPartNumberMarker
  }
}

/**
 * Has the store join the parts, if they are those that were announced.
 *
 * @throws LatchkeyError `invalid_part`
 */
export async function joinNative(
  bucket: Bucket,
  native: NativeUpload,
  direct: DirectRecord['direct'],
): Promise<void> {
  const parts = await listNative(bucket, native)
  for (const { partNumber, size } of parts) {
    if (size !== sizeOfPart(direct, partNumber)) throw invalidPart(`Part ${partNumber} has ${size} bytes`)
  }
  // None is there twice, and none beyond the last: so where one is missing there are too few.
  if (sizeOfPart(direct, parts.length + 1) !== undefined) throw invalidPart('Not all parts have come')
  const { client } = bucket.settings
  const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }))
  const command = new CompleteMultipartUploadCommand({
    ...target(bucket, native),
    MultipartUpload: { Parts },
  })
  const limits = bucket.limits(undefined, COMPLETE_PATIENCE)
  await translated(request(limits, (options) => client.send(command, options)))
}

/** Ends an upload with its parts; does nothing where it is gone. */
export async function abortNative(bucket: Bucket, native: NativeUpload): Promise<void> {
  const { client } = bucket.settings
  const command = new AbortMultipartUploadCommand(target(bucket, native))
  try {
    await request(bucket.limits(), (options) => client.send(command, options))
  } catch (error) {
    if (!meansAbsent(error)) await translated(Promise.reject(error))
  }
}

function target({ settings }: Bucket, { name, uploadId }: NativeUpload) {
  return { Bucket: settings.bucket, Key: name, UploadId: uploadId }
}
