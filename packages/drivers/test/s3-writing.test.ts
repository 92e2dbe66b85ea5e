import { createHash } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { StorageDriver } from '@latchkey/core'
import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { type S3StorageOptions, s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { nextPartSize } from '../src/s3/part-size.js'
import { bodyOf, CREATE_ONLY, MIB, PRIVATE, readAll } from './s3-bodies.js'
import { answered, hook, once } from './s3-hooks.js'

const radosgw = useRadosgw()

async function setUp(options: S3StorageOptions = {}) {
  const storage = await s3Storage(radosgw(), { partSize: 5 * MIB, ...options })
  onTestFinished(() => storage.close())
  return storage
}

describe('s3Driver', () => {
  it('passes the ETag of the store on', async () => {
    const { driver } = await setUp()
    const { stat } = await driver.write('a', bodyOf(10), PRIVATE)
    expect(stat.etag).toBe(`"${createHash('md5').update(Buffer.alloc(10, 1)).digest('hex')}"`)
    const large = await driver.write('b', bodyOf(12 * MIB), PRIVATE)
    expect(large.stat.etag).toMatch(/^"[0-9a-f]{32}-3"$/)
    expect(await driver.stat('b')).toEqual(large.stat)
  })

  it('stores the type, the cache age and the visibility where other programs find them', async () => {
    const { driver, client, bucket, prefix } = await setUp()
    const options = { contentType: 'image/png', visibility: 'public', cacheControlMaxAge: 60 } as const
    for (const size of [10, 6 * MIB]) {
      await driver.write('a', bodyOf(size), options)
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `${prefix}a` }))
      expect(head).toMatchObject({ ContentType: 'image/png', CacheControl: 'max-age=60' })
      expect(head.Metadata).toMatchObject({ 'latchkey-visibility': 'public' })
    }
  })

  it.each([
    ['with its length', { size: 12 * MIB }],
    ['without', {}],
  ])('holds a large upload to create-only at its end, %s', async (_name, size) => {
    const { driver, leftovers } = await setUp()
    const at = async (sent: number) => {
      if (sent === 11 * MIB) await driver.write('raced', bodyOf(5, { byte: 2 }), CREATE_ONLY)
    }
    const options = { ...CREATE_ONLY, ...size }
    await expect(driver.write('raced', bodyOf(12 * MIB, { at }), options)).rejects.toMatchObject({
      code: 'exists',
    })
    expect(await readAll(driver, 'raced')).toEqual({ size: 5, byte: 2 })
    const { created, stat } = await driver.write('free', bodyOf(12 * MIB), options)
    expect([created, stat.size]).toEqual([true, 12 * MIB])
    expect(await readAll(driver, 'free')).toEqual({ size: 12 * MIB, byte: 1 })
    expect(await leftovers()).toEqual([])
  })

  it.each<[string, unknown, (driver: StorageDriver, etag: string) => Promise<unknown> | undefined]>([
    [
      'an overwrite fails for its condition',
      'precondition_failed',
      (driver, etag) =>
        driver.write('raced', bodyOf(6), { ...PRIVATE, precondition: { type: 'match', etags: [etag] } }),
    ],
    ['a flip finds nothing to change', false, (driver) => driver.setVisibility?.('raced', 'public')],
  ])('%s, where the object is removed just before', async (_name, outcome, act) => {
    const { driver, client, bucket, prefix } = await setUp()
    const { stat } = await driver.write('raced', bodyOf(5), PRIVATE)
    const remove = new DeleteObjectCommand({ Bucket: bucket, Key: `${prefix}raced` })
    hook(
      client,
      'PutObjectCommand',
      'raced',
      once(async () => {
        await client.send(remove)
        // As S3 itself does; radosgw only where it is in the middle of it.
        throw answered(404, 'NoSuchKey')
      }),
    )
    expect(await act(driver, stat.etag)?.catch(({ code }) => code)).toBe(outcome)
    expect(await driver.stat('raced')).toBeNull()
  })

  it('says which setting of the client a large upload on condition needs', async () => {
    const { bucket, prefix } = await setUp()
    const client = s3Client(radosgw().url, { requestChecksumCalculation: 'WHEN_SUPPORTED' })
    const driver = s3Driver({ client, bucket, prefix, partSize: 5 * MIB })
    await expect(driver.write('a', bodyOf(6 * MIB), { ...CREATE_ONLY, size: 6 * MIB })).rejects.toMatchObject(
      {
        code: 'invalid_option',
        message: expect.stringContaining("requestChecksumCalculation: 'WHEN_REQUIRED'"),
      },
    )
    // The rest needs none.
    await driver.write('a', bodyOf(6 * MIB), PRIVATE)
    await driver.write('b', bodyOf(10), CREATE_ONLY)
    expect((await readAll(driver, 'a')).size).toBe(6 * MIB)
  })

  it('is refused with keys that the store does not know: signatures are checked', async () => {
    const { bucket, prefix } = await setUp()
    for (const credentials of [
      { accessKeyId: 'testkey', secretAccessKey: 'other' },
      { accessKeyId: 'other', secretAccessKey: 'testsecret' },
    ]) {
      const driver = s3Driver({ client: s3Client(radosgw().url, { credentials }), bucket, prefix })
      await expect(driver.stat('a')).rejects.toMatchObject({ code: 'storage_denied' })
      await expect(driver.open('a')).rejects.toMatchObject({ code: 'storage_denied' })
      await expect(driver.write('a', bodyOf(1), PRIVATE)).rejects.toMatchObject({ code: 'storage_denied' })
    }
  })

  it('tells a missing bucket from a missing object', async () => {
    const driver = s3Driver({ client: s3Client(radosgw().url), bucket: 'no-such-bucket' })
    const calls = [driver.stat('a'), driver.open('a'), driver.write('a', bodyOf(1), PRIVATE)]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({
        reason: { code: 'storage_denied', message: expect.stringMatching(/bucket/) },
      })
    }
  })

  it('keeps its own folder and what the prefix leaves no room for out of reach', async () => {
    const { driver } = await setUp()
    for (const key of ['.latchkey', '.latchkey/probe/x', 'x'.repeat(1020)]) {
      expect(await driver.stat(key)).toBeNull()
      expect(await driver.open(key)).toBeNull()
      await expect(driver.write(key, bodyOf(1), PRIVATE)).rejects.toMatchObject({ code: 'invalid_key' })
      await expect(driver.delete(key)).rejects.toMatchObject({ code: 'invalid_key' })
    }
    await driver.write('.latchkeys', bodyOf(1), PRIVATE)
  })

  it('leaves a marker where an object is removed on condition, which counts as absent', async () => {
    const { driver, names, reopen } = await setUp()
    const { stat } = await driver.write('a', bodyOf(10), PRIVATE)
    expect(await driver.delete('a', { type: 'match', etags: [stat.etag] })).toBe(true)
    expect(await names()).toEqual(['a'])
    const other = await reopen()
    expect(await other.stat('a')).toBeNull()
    expect(await other.open('a')).toBeNull()
    expect(await other.delete('a')).toBe(false)
    expect(await other.setVisibility?.('a', 'public')).toBe(false)
    const again = { type: 'match', etags: [stat.etag] } as const
    await expect(driver.delete('a', again)).rejects.toMatchObject({ code: 'precondition_failed' })
    const racers = [1, 2, 3, 4].map((byte) => driver.write('a', bodyOf(3, { byte }), CREATE_ONLY))
    const outcomes = await Promise.allSettled(racers)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('exists')
      else expect(outcome.value.created).toBe(true)
    }
  })

  it('serves what others put into the bucket, as private, and keeps what it does not know', async () => {
    const { driver, client, bucket, prefix } = await setUp()
    const place = { Bucket: bucket, Key: `${prefix}foreign` }
    const fields = {
      ContentType: 'binary/octet-stream',
      CacheControl: 'public, max-age=7, immutable',
      ContentDisposition: 'attachment',
      ContentLanguage: 'de',
      Metadata: { theirs: 'kept' },
    }
    await client.send(new PutObjectCommand({ ...place, ...fields, Body: 'text' }))
    const stat = await driver.stat('foreign')
    expect([stat?.contentType, stat?.visibility, stat?.cacheControlMaxAge]).toEqual([undefined, undefined, 7])
    for (const visibility of ['public', 'private'] as const) {
      expect(await driver.setVisibility?.('foreign', visibility)).toBe(true)
      expect(await driver.stat('foreign')).toMatchObject({ visibility, cacheControlMaxAge: 7 })
      expect((await driver.stat('foreign'))?.contentType).toBeUndefined()
      const now = await client.send(new GetObjectCommand(place))
      expect(now).toMatchObject({
        ...fields,
        Metadata: { theirs: 'kept', 'latchkey-visibility': visibility },
      })
      expect(await now.Body?.transformToString()).toBe('text')
    }
  })

  it('flips what is larger than a part', async () => {
    const { driver, leftovers } = await setUp()
    await driver.write('a', bodyOf(12 * MIB), { ...PRIVATE, cacheControlMaxAge: 5 })
    expect(await driver.setVisibility?.('a', 'public')).toBe(true)
    expect(await driver.stat('a')).toMatchObject({
      size: 12 * MIB,
      visibility: 'public',
      contentType: 'text/plain',
      cacheControlMaxAge: 5,
    })
    expect(await readAll(driver, 'a')).toEqual({ size: 12 * MIB, byte: 1 })
    expect(await leftovers()).toEqual([])
  })

  it('holds a version open on a copy that goes with it', async () => {
    const { driver, leftovers } = await setUp()
    for (const size of [10, 100_000, 12 * MIB]) {
      await driver.write('a', bodyOf(size), PRIVATE)
      const [read, closed] = [await driver.open('a', { held: true }), await driver.open('a', { held: true })]
      await driver.delete('a')
      let bytes = 0
      const body = (await read?.read()) ?? []
      for await (const chunk of body instanceof Uint8Array ? [body] : body) bytes += chunk.byteLength
      expect(bytes).toBe(size)
      await closed?.close()
      expect(await leftovers()).toEqual([])
    }
  })

  it('keeps the copy of a version while it is read, and no longer', async () => {
    const { driver, names, leftovers } = await setUp()
    await driver.write('a', bodyOf(6 * MIB), PRIVATE)
    const bodyOfHeld = async () => {
      const object = await driver.open('a', { held: true })
      const body = await object?.read()
      if (body === undefined || body instanceof Uint8Array) throw new Error('it is there, and large')
      return { object, iterator: body[Symbol.asyncIterator]() }
    }
    const [read, left, unread] = [await bodyOfHeld(), await bodyOfHeld(), await bodyOfHeld()]
    for (const { object, iterator } of [read, left]) {
      await iterator.next()
      await object?.close()
    }
    expect(await names('.latchkey/held/')).toHaveLength(3)
    await left.iterator.return?.()
    await unread.iterator.return?.()
    expect(await names('.latchkey/held/')).toHaveLength(1)
    while ((await read.iterator.next()).done !== true);
    expect(await leftovers()).toEqual([])
  })

  it('has the store join parts that are large enough, and reads the others', async () => {
    const { driver, leftovers } = await setUp()
    for (const sizes of [
      [5 * MIB, 6 * MIB, 10],
      [MIB, 6 * MIB, 10],
    ]) {
      const end = { expiresAt: new Date(Date.now() + 60_000) }
      const id = await driver.multipart?.create('joined', { ...PRIVATE, ...end })
      if (id === undefined) throw new Error('no id')
      const parts = []
      for (const [at, size] of sizes.entries()) {
        const part = driver.multipart?.writePart('joined', id, at + 1, bodyOf(size), { maxTotal: 1e9 })
        parts.push((await part) ?? { partNumber: 0, etag: '' })
      }
      const result = await driver.multipart?.complete('joined', id, parts, { maxTotal: 1e9 })
      const total = sizes.reduce((sum, size) => sum + size, 0)
      expect(result?.stat.size).toBe(total)
      expect(await readAll(driver, 'joined')).toEqual({ size: total, byte: 1 })
      expect(await leftovers()).toEqual([])
    }
  })

  it('sweeps uploads in parts that ended long ago, and no other', async () => {
    const { driver, names, client, bucket, prefix, reopen } = await setUp()
    const beginFor = (hours: number) => ({
      ...PRIVATE,
      expiresAt: new Date(Date.now() + hours * 3_600_000),
    })
    // A driver sweeps once an hour, beside the first upload that it begins.
    const young = await driver.multipart?.create('a', beginFor(1))
    const late = await driver.multipart?.create('a', beginFor(-0.9))
    // The old one is put there past the driver, whose sweep may still be under way. Its record is damaged.
    const end = (Date.now() - 2 * 3_600_000).toString(36).padStart(9, '0')
    const folder = `.latchkey/uploads/${end}-${'x'.repeat(22)}.${'y'.repeat(22)}/`
    for (const entry of ['s/0', 's/p00001', 'd/bytes']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + folder + entry, Body: 'x' }))
    }
    await driver.multipart?.create('a', beginFor(1))
    expect(await names(folder)).toHaveLength(3)
    // What a sweep cannot remove the next one does.
    const sweep = async () => {
      await (await reopen()).multipart?.create('a', beginFor(1))
      await vi.waitFor(async () => expect(await names(folder)).toEqual([]), { timeout: 3000 })
    }
    await vi.waitFor(sweep, { timeout: 15_000 })
    const left = await names('.latchkey/uploads/')
    for (const id of [young, late]) expect(left.some((name) => name.includes(`${id}`))).toBe(true)
  }, 30_000)
})

describe('parts of an upload of unknown length', () => {
  it.each([5 * MIB, 8 * MIB, 1024 * MIB])('reach 5 TiB within 10 000 parts, from %d bytes on', (partSize) => {
    const { count, largest } = partsOf(5 * 1024 ** 4, partSize, undefined)
    expect(count).toBeLessThanOrEqual(10_000)
    expect(largest).toBeLessThan(2 ** 31)
  })

  it('stay small for what is small, and even where the length is known', () => {
    expect(partsOf(10 * 1024 ** 3, 8 * MIB, undefined).largest).toBeLessThan(9 * MIB)
    expect(partsOf(80 * 1000 ** 3, 8 * MIB, 80 * 1000 ** 3).largest).toBe(8 * MIB)
    const known = partsOf(5 * 1024 ** 4, 8 * MIB, 5 * 1024 ** 4)
    expect(known.count).toBeLessThanOrEqual(10_000)
    expect(known.largest).toBe(525 * MIB)
  })
})

function partsOf(total: number, partSize: number, known: number | undefined) {
  let count = 0
  let largest = 0
  for (let sent = 0; sent < total; count++) {
    const size = nextPartSize(partSize, sent, known)
    largest = Math.max(largest, size)
    sent += size
  }
  return { count, largest }
}
