import { readdirSync } from 'node:fs'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { AwsS3StorageAdapter } from '@flystorage/aws-s3'
import { FileStorage } from '@flystorage/file-storage'
import type { StorageDriver } from '@latchkey/core'
import { flydriveDriver } from '@latchkey/drivers/flydrive'
import { flystorageDriver } from '@latchkey/drivers/flystorage'
import { unstorageDriver } from '@latchkey/drivers/unstorage'
import type { DriverCaseContext } from '@latchkey/testkit'
import { Disk } from 'flydrive'
import { S3Driver } from 'flydrive/drivers/s3'
import { createStorage } from 'unstorage'
import redisItems from 'unstorage/drivers/redis'
import { afterAll, describe, expect, it } from 'vitest'
import { killGateway } from '../../../../test/engines/radosgw.js'
import { s3Client } from '../../../../test/engines/s3-client.js'
import { useRadosgw, useRedis } from '../../../../test/engines/use-engine.js'
import { scratchFolder } from '../fs-context.js'
import { runDriverCases } from '../run-driver-cases.js'
import { readText, writeText } from '../texts.js'

const CASE_MS = 60_000
let made = 0

/** A driver over a bucket of its own; what it leaves behind is what waits for the store. */
async function inBucket(
  url: string,
  make: (client: S3Client, bucket: string, tempFolder: string) => StorageDriver,
): Promise<DriverCaseContext> {
  const client = s3Client(url)
  const bucket = `library-${made++}`
  // After a kill the gateway takes a moment to come back.
  const create = () =>
    client.send(new CreateBucketCommand({ Bucket: bucket })).then(
      () => true,
      () => false,
    )
  await expect.poll(create, { timeout: 20_000, interval: 200 }).toBe(true)
  const temp = scratchFolder()
  const driver = () => make(client, bucket, temp)
  return { driver: driver(), reopen: async () => driver(), leftovers: async () => readdirSync(temp) }
}

function flydriveOver(url: string): Promise<DriverCaseContext> {
  return inBucket(url, (client, bucket, tempFolder) => {
    const disk = new Disk(new S3Driver({ client, bucket, visibility: 'private' }))
    return flydriveDriver(disk, { tempFolder, soleWriter: true, useVisibility: true })
  })
}

function flystorageOver(url: string): Promise<DriverCaseContext> {
  return inBucket(url, (client, bucket, tempFolder) => {
    const storage = new FileStorage(new AwsS3StorageAdapter(client, { bucket }))
    const options = { atomicWrites: true, etagChecksum: true, soleWriter: true, useVisibility: true }
    return flystorageDriver(storage, { ...options, tempFolder })
  })
}

describe('flydriveDriver over S3 keeps the contract', () => {
  const radosgw = useRadosgw()
  runDriverCases(() => flydriveOver(radosgw().url), { timeout: CASE_MS })
})

describe('flystorageDriver over S3 keeps the contract', () => {
  const radosgw = useRadosgw()
  runDriverCases(() => flystorageOver(radosgw().url), { timeout: CASE_MS })
})

describe('a store that gets a kill -9', () => {
  const radosgw = useRadosgw()
  const libraries = [
    ['flydrive', flydriveOver],
    ['flystorage', flystorageOver],
  ] as const

  it.each(libraries)(
    'under %s breaks what is read',
    async (_name, over) => {
      const { driver } = await over(radosgw().url)
      await writeText(driver, 'large', 'x'.repeat(20_000_000))
      const object = await driver.open('large')
      const body = (await object?.read()) as AsyncIterable<Uint8Array>
      const reading = (async () => {
        for await (const _ of body) await new Promise((go) => setTimeout(go, 1))
      })()
      killGateway(radosgw())
      await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    },
    CASE_MS,
  )

  it.each(libraries)(
    'under %s has the old object or the new one, and nothing waits for it',
    async (_name, over) => {
      const { driver, leftovers } = await over(radosgw().url)
      const [old, large] = ['old', 'x'.repeat(30_000_000)]
      await writeText(driver, 'kept', old)
      const writing = writeText(driver, 'kept', large)
      setTimeout(() => killGateway(radosgw()), 150)
      const [outcome] = await Promise.allSettled([writing])
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'storage_unavailable' })
      expect(await leftovers?.()).toEqual([])
      const now = await expect
        .poll(() => readText(driver, 'kept').catch(() => null), { timeout: 20_000 })
        .not.toBeNull()
        .then(() => readText(driver, 'kept'))
      expect([old, large].includes(now ?? '')).toBe(true)
    },
    CASE_MS,
  )

  it.each(libraries)(
    'under %s is storage_unavailable while it is away',
    async (_name, over) => {
      const { driver, leftovers } = await over(radosgw().url)
      await radosgw().kill()
      try {
        await expect(driver.stat('a')).rejects.toMatchObject({ code: 'storage_unavailable' })
        await expect(driver.open('a')).rejects.toMatchObject({ code: 'storage_unavailable' })
        await expect(writeText(driver, 'a', 'x')).rejects.toMatchObject({ code: 'storage_unavailable' })
        await expect(driver.delete('a')).rejects.toMatchObject({ code: 'storage_unavailable' })
        expect(await leftovers?.()).toEqual([])
      } finally {
        await radosgw().restart()
      }
    },
    CASE_MS,
  )
})

describe('unstorageDriver over Redis keeps the contract', () => {
  const redis = useRedis()
  const disposals: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const dispose of disposals) await dispose()
  })
  runDriverCases(
    async () => {
      const storage = createStorage({ driver: redisItems({ url: redis().url, base: `case-${made++}` }) })
      disposals.push(() => storage.dispose())
      const make = () => unstorageDriver(storage, { atomicWrites: true, soleWriter: true })
      return { driver: make(), reopen: async () => make() }
    },
    { timeout: CASE_MS },
  )
})
