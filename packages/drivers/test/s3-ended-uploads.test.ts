import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { NativeUploads, StorageDriver } from '@latchkey/core'
import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { MIB } from './s3-bodies.js'
import { answered, hook, once } from './s3-hooks.js'
import { multipartOf, text, uploadsOf } from './upload-context.js'

const radosgw = useRadosgw()
const STORED = { contentType: 'text/plain', visibility: 'private' } as const
const RECORD = '/s/0'
const RESULT = '/s/1'
const BYTES = '/d/'

const anHourOn = () => new Date(Date.now() + 3_600_000)

/** Two drivers over one bucket, as of two processes, and what the other does before the first one's next GET of a name. */
async function setUp() {
  const { bucket, prefix, close } = await s3Storage(radosgw())
  onTestFinished(close)
  const client = s3Client(radosgw().url)
  const driver = s3Driver({ client, bucket, prefix, getSignedUrl })
  const other = s3Driver({ client: s3Client(radosgw().url), bucket, prefix, getSignedUrl })
  const beforeGet = (part: string, meanwhile: () => Promise<unknown>) =>
    hook(
      client,
      'GetObjectCommand',
      part,
      once(async (forward) => {
        await meanwhile()
        return forward()
      }),
    )
  return { driver, other, beforeGet }
}

/** Has an upload through the app come. Gives what a driver may do with it. */
async function comeThroughApp(to: StorageDriver) {
  const uploadId = await multipartOf(to).create('a', { ...STORED, expiresAt: anHourOn() })
  const list = [await multipartOf(to).writePart('a', uploadId, 1, text('bytes'), { maxTotal: 5 })]
  return (driver: StorageDriver) => {
    const uploads = multipartOf(driver)
    const complete = () => uploads.complete('a', uploadId, list, { maxTotal: 5 })
    return { complete, abort: () => uploads.abort('a', uploadId), ask: complete }
  }
}

/** The same of an upload to the bucket itself. */
async function comeToBucket(to: StorageDriver) {
  const options = { ...STORED, size: 5, conditional: false, expiresAt: anHourOn() }
  const uploadId = await uploadsOf(to).begin('a', options)
  await send(uploadsOf(to), uploadId, 'bytes')
  return (driver: StorageDriver) => {
    const uploads = uploadsOf(driver)
    return {
      complete: () => uploads.complete('a', uploadId, { maxTotal: 5, shownBytes: 5, onBytes() {} }),
      abort: () => uploads.abort('a', uploadId),
      ask: () => uploads.sign('a', uploadId, { partNumber: 1, expiresIn: 60 }),
    }
  }
}

describe.each([
  ['in parts over S3', comeThroughApp],
  ['to the bucket itself', comeToBucket],
])('an upload %s that another process ends while this one asks', (_kind, come) => {
  async function begun() {
    const { driver, other, beforeGet } = await setUp()
    const by = await come(driver)
    return { driver, mine: by(driver), theirs: by(other), beforeGet }
  }

  it.each([
    ['before its record is read', RECORD],
    ['while its bytes are read', BYTES],
  ])('is told as it was completed: %s', async (_when, part) => {
    const { driver, mine, theirs, beforeGet } = await begun()
    let completed: unknown
    beforeGet(part, async () => {
      completed = await theirs.complete()
    })
    const result = await mine.complete()
    expect(result).toEqual(completed)
    expect(await driver.stat('a')).toEqual(result.stat)
  })

  it('is not found where it was aborted before its record was read', async () => {
    const { driver, mine, theirs, beforeGet } = await begun()
    beforeGet(RECORD, theirs.abort)
    await expect(mine.ask()).rejects.toMatchObject({ code: 'upload_not_found' })
    await expect(mine.complete()).rejects.toMatchObject({ code: 'upload_not_found' })
    expect(await driver.stat('a')).toBeNull()
  })

  it('is not called unknown where the store cannot tell what it was completed with', async () => {
    const { mine, beforeGet } = await begun()
    const result = await mine.complete()
    beforeGet(RESULT, async () => {
      throw answered(500, 'InternalError')
    })
    await expect(mine.complete()).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await mine.complete()).toEqual(result)
  })
})

it('an upload to the bucket itself is told as the one in parts that it was, however often', async () => {
  const { driver } = await setUp()
  const uploads = uploadsOf(driver)
  const sizes = { size: 5 * MIB, partSize: 5 * MIB }
  const uploadId = await uploads.begin('a', {
    ...STORED,
    ...sizes,
    conditional: false,
    expiresAt: anHourOn(),
  })
  await send(uploads, uploadId, Buffer.alloc(5 * MIB))
  const complete = () => uploads.complete('a', uploadId, { maxTotal: 5 * MIB, shownBytes: 0 })
  const result = await complete()
  expect(result.inParts).toBe(true)
  expect(await complete()).toEqual(result)
})

/** Sends what a client would. */
async function send(uploads: NativeUploads, uploadId: string, body: string | Uint8Array<ArrayBuffer>) {
  const { url, method, headers } = await uploads.sign('a', uploadId, { partNumber: 1, expiresIn: 60 })
  const reply = await fetch(url, { method, headers, body })
  expect(reply.status).toBe(200)
}
