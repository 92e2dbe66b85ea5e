import { randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { Bucket } from './bucket.js'
import { refuses } from './conditions.js'
import { request } from './request.js'
import { copySource } from './s3-key.js'
import { triedOut } from './tried-out.js'

const BOGUS = '"00000000000000000000000000000000"'

/** Whether the store copies just the version that it was asked for. Radosgw 16 copies whatever is there. */
export const checksCopySource: (bucket: Bucket) => Promise<boolean> = triedOut(async (bucket) => {
  const { client, bucket: Bucket } = bucket.settings
  const Key = bucket.scratchName('probe')
  const source = bucket.scratchName('probe')
  const send = <T>(run: (options: { abortSignal: AbortSignal }) => Promise<T>) =>
    request(bucket.limits(), run)
  try {
    await bucket.put(source, randomBytes(8), {})
    const create = new CreateMultipartUploadCommand({ Bucket, Key })
    const { UploadId } = await send((options) => client.send(create, options))
    const target = { Bucket, Key, UploadId }
    try {
      const copy = new UploadPartCopyCommand({
        ...target,
        PartNumber: 1,
        CopySource: copySource(Bucket, source),
        CopySourceIfMatch: BOGUS,
      })
      return await refuses(() => send((options) => client.send(copy, options)))
    } finally {
      const abort = new AbortMultipartUploadCommand(target)
      await send((options) => client.send(abort, options)).catch(() => {})
    }
  } finally {
    await bucket.remove(source).catch(() => {})
  }
})
