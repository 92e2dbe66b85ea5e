import { randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { LatchkeyError } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { quoted, unquoted } from './metadata.js'
import { request } from './request.js'
import { meansConditionFailed, statusOf } from './store-errors.js'
import { triedOut } from './tried-out.js'

/** What a write is made to depend on, as the store is asked for it. */
export interface WriteConditions {
  readonly IfMatch?: string
  readonly IfNoneMatch?: '*'
}

/** Which conditions a store really checks. */
export interface ConditionSupport {
  /** How it spells an ETag in `If-Match` of a write. */
  readonly spell: (etag: string) => string
  /** Whether `CompleteMultipartUpload` checks conditions. */
  readonly completes: boolean
  /** Whether `DeleteObject` checks `If-Match`. */
  readonly deletes: boolean
}

const BOGUS = '00000000000000000000000000000000'

/**
 * Which conditions the store checks, tried out on a scratch object: a store that knows nothing of them ignores them and
 * says that all went well, so that nothing but trying tells.
 *
 * @throws LatchkeyError `invalid_option` where it ignores them on `PutObject`
 */
export const conditionSupport: (bucket: Bucket) => Promise<ConditionSupport> = triedOut(tryOut)

async function tryOut(bucket: Bucket): Promise<ConditionSupport> {
  const name = bucket.scratchName('probe')
  try {
    await bucket.put(name, randomBytes(8), {}, { IfNoneMatch: '*' }).catch((error: unknown) => {
      throw statusOf(error) === 501 ? ignored() : error
    })
    const createOnly = await refuses(() => bucket.put(name, randomBytes(8), {}, { IfNoneMatch: '*' }))
    const matches = await refuses(() => bucket.put(name, randomBytes(8), {}, { IfMatch: BOGUS }))
    if (!createOnly || !matches) throw ignored()
    const spell = await spelling(bucket, name)
    const completes = await checksCompletion(bucket, name)
    const deletes = await refuses(() => bucket.remove(name, { IfMatch: spell(`"${BOGUS}"`) }))
    return { spell, completes, deletes }
  } finally {
    await bucket.remove(name).catch(() => {})
  }
}

/** Radosgw 16 takes an ETag for another one when it comes in its quotes. */
async function spelling(bucket: Bucket, name: string): Promise<ConditionSupport['spell']> {
  for (const spell of [unquoted, quoted]) {
    const head = await bucket.head(name)
    if (head === null) break
    const IfMatch = spell(head.stat.etag)
    if (!(await refuses(() => bucket.put(name, randomBytes(8), {}, { IfMatch })))) return spell
  }
  throw ignored()
}

async function checksCompletion(bucket: Bucket, name: string): Promise<boolean> {
  const { client, bucket: Bucket } = bucket.settings
  const Key = name
  const send = <T>(run: (options: { abortSignal: AbortSignal }) => Promise<T>) =>
    request(bucket.limits(), run)
  const { UploadId } = await send((options) =>
    client.send(new CreateMultipartUploadCommand({ Bucket, Key }), options),
  )
  try {
    const part = { Bucket, Key, UploadId, PartNumber: 1, Body: Buffer.from('x'), ContentLength: 1 }
    const { ETag } = await send((options) => client.send(new UploadPartCommand(part), options))
    const complete = (condition: WriteConditions) =>
      send((options) => {
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
        const fields = { Bucket, Key, UploadId, MultipartUpload, ...condition }
        return client.send(new CompleteMultipartUploadCommand(fields), options)
      })
    return (
      (await refuses(() => complete({ IfMatch: BOGUS }))) &&
      (await refuses(() => complete({ IfNoneMatch: '*' })))
    )
  } finally {
    const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId })
    await send((options) => client.send(abort, options)).catch(() => {})
  }
}

/** Whether a request fails for its condition; not where it does because the store says that it knows no conditions. */
export async function refuses(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return false
  } catch (error) {
    if (statusOf(error) === 501) return false
    if (meansConditionFailed(error)) return true
    throw error
  }
}

function ignored(): LatchkeyError {
  return new LatchkeyError(
    'invalid_option',
    'This store ignores If-Match and If-None-Match on writes, so uploads cannot be held to create-only or ifMatch: ' +
      'give s3Driver conditionalWrites: false, and sign uploads with allowOverwrite: true',
  )
}
