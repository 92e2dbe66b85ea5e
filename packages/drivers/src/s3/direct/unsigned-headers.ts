import { randomBytes } from 'node:crypto'
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { LatchkeyError } from '@latchkey/core'
import type { Bucket } from '../bucket.js'
import { request } from '../request.js'
import { copySource } from '../s3-key.js'
import { statusOf } from '../store-errors.js'
import { triedOut } from '../tried-out.js'
import { abortNative, createNative } from './native-parts.js'

const SIZE = 8

/**
 * Whether the store takes headers of its own that are not signed. S3 refuses them. Radosgw 16 does not, so whoever has a URL
 * to send bytes to could add `x-amz-copy-source`, and have any object of the bucket copied there instead.
 */
export const takesUnsignedHeaders: (bucket: Bucket) => Promise<boolean> = triedOut((bucket) =>
  withSource(bucket, async (source) => {
    const { client, bucket: Bucket } = bucket.settings
    const Key = bucket.scratchName('probe')
    const command = new PutObjectCommand({ Bucket, Key, Body: randomBytes(SIZE), ContentLength: SIZE })
    command.middlewareStack.add((next) => (args) => next(unsigned(args)), BEFORE_SIGNING)
    command.middlewareStack.add((next) => (args) => next(copying(args, source)), BEHIND_SIGNING)
    try {
      return await isTaken(request(bucket.limits(), (options) => client.send(command, options)))
    } finally {
      await bucket.remove(Key).catch(() => {})
    }
  }),
)

/**
 * Fails where the same is true of a part. An object in one piece is known by a mark that a copy has not; a part could not be told.
 *
 * @throws LatchkeyError `invalid_option`
 */
export async function requireNoForeignParts(bucket: Bucket): Promise<void> {
  if (!(await takesForeignParts(bucket))) return
  throw new LatchkeyError(
    'invalid_option',
    "This store lets clients copy other objects of the bucket into a part: uploads: 'direct' goes in one piece only here, " +
      'up to 5 GiB',
  )
}

const takesForeignParts: (bucket: Bucket) => Promise<boolean> = triedOut((bucket) =>
  withSource(bucket, async (source) => {
    const { client, bucket: Bucket } = bucket.settings
    const name = bucket.scratchName('probe')
    const UploadId = await createNative(bucket, name, 'application/octet-stream')
    const part = { Bucket, Key: name, UploadId, PartNumber: 1 }
    const command = new UploadPartCommand({ ...part, Body: randomBytes(SIZE), ContentLength: SIZE })
    command.middlewareStack.add((next) => (args) => next(unsigned(args)), BEFORE_SIGNING)
    command.middlewareStack.add((next) => (args) => next(copying(args, source)), BEHIND_SIGNING)
    try {
      return await isTaken(request(bucket.limits(), (options) => client.send(command, options)))
    } finally {
      await abortNative(bucket, { name, uploadId: UploadId }).catch(() => {})
    }
  }),
)

const BEFORE_SIGNING = { step: 'build', name: 'leaveBodyUnsigned' } as const
const BEHIND_SIGNING = { step: 'deserialize', name: 'addUnsignedHeader' } as const

async function withSource<T>(bucket: Bucket, act: (source: string) => Promise<T>): Promise<T> {
  const name = bucket.scratchName('probe')
  try {
    await bucket.put(name, randomBytes(SIZE), {})
    return await act(copySource(bucket.settings.bucket, name))
  } finally {
    await bucket.remove(name).catch(() => {})
  }
}

/** As under a presigned URL, which does not know the body. */
function unsigned<T extends { request: unknown }>(args: T): T {
  return withHeader(args, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD')
}

function copying<T extends { request: unknown }>(args: T, source: string): T {
  return withHeader(args, 'x-amz-copy-source', source)
}

function withHeader<T extends { request: unknown }>(args: T, name: string, value: string): T {
  const { request: sent } = args
  if (typeof sent === 'object' && sent !== null && 'headers' in sent) {
    Object.assign(sent.headers as object, { [name]: value })
  }
  return args
}

/** What was refused is no danger; a store in trouble has not said. */
async function isTaken(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === undefined || status === 429 || (status >= 500 && status !== 501)) throw error
    return false
  }
}
