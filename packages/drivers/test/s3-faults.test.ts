import type { StorageDriver } from '@latchkey/core'
import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { administer, killGateway } from '../../../test/engines/radosgw.js'
import { s3Client } from '../../../test/engines/s3-client.js'
import { type S3StorageOptions, s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { faultyProxy } from './faulty-proxy.js'
import { bodyIn, bodyOf, CREATE_ONLY, MIB, PRIVATE, readAll, statSoon } from './s3-bodies.js'

const radosgw = useRadosgw()

async function setUp(options: S3StorageOptions = {}) {
  const storage = await s3Storage(radosgw(), { partSize: 5 * MIB, ...options })
  onTestFinished(() => storage.close())
  return storage
}

describe('s3Driver, while an object is read', () => {
  it.each(['reset', 'end'] as const)('breaks where the connection is cut: %s', async (how) => {
    const { driver, prefix, bucket } = await setUp()
    await driver.write('a', bodyOf(3 * MIB), PRIVATE)
    const proxy = await faultyProxy(radosgw().port)
    const through = s3Driver({ client: s3Client(proxy.url), bucket, prefix })
    const object = await through.open('a')
    if (object === null) throw new Error('it is there')
    proxy.strike({ afterBytes: MIB, how })
    const reading = (async () => {
      let size = 0
      for await (const chunk of (await object.read()) as AsyncIterable<Uint8Array>) size += chunk.byteLength
      return size
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    proxy.strike(undefined)
    expect(await readAll(through, 'a')).toEqual({ size: 3 * MIB, byte: 1 })
  })

  it('gives up on a store that falls silent', async () => {
    const { driver, prefix, bucket } = await setUp()
    await driver.write('a', bodyOf(3 * MIB), PRIVATE)
    const proxy = await faultyProxy(radosgw().port)
    const through = s3Driver({ client: s3Client(proxy.url), bucket, prefix, patience: 1 })
    const object = await through.open('a')
    if (object === null) throw new Error('it is there')
    proxy.strike({ afterBytes: MIB, how: 'stall' })
    const iterator = ((await object.read()) as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    const reading = (async () => {
      while ((await iterator.next()).done !== true);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect((await iterator.next()).done).toBe(true)
  })

  it('breaks where the store gets a kill -9', async () => {
    const { driver } = await setUp()
    await driver.write('a', bodyOf(40 * MIB), PRIVATE)
    const body = await bodyIn(driver, 'a')
    let size = 0
    const reading = (async () => {
      for await (const chunk of body) {
        if (size === 0) killGateway(radosgw())
        size += chunk.byteLength
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(size).toBeLessThan(40 * MIB)
    expect((await statSoon(driver, 'a'))?.size).toBe(40 * MIB)
  })

  it('leaves no socket with a body that nobody reads to its end', async () => {
    const { driver } = await setUp()
    await driver.write('a', bodyOf(3 * MIB), PRIVATE)
    // More than the 50 sockets that a client has.
    for (let turn = 0; turn < 30; turn++) {
      await (await bodyIn(driver, 'a'))[Symbol.asyncIterator]().return?.()
      for await (const _ of await bodyIn(driver, 'a')) break
      await (await driver.open('a'))?.close()
    }
    expect((await driver.stat('a'))?.size).toBe(3 * MIB)
  }, 60_000)
})

describe('s3Driver, while an object is written', () => {
  it.each([
    ['in parts', PRIVATE],
    ['on condition, in one request', { ...CREATE_ONLY, size: 30 * MIB }],
    ['on condition, of no known length', CREATE_ONLY],
  ])(
    'a kill -9 of the store leaves the whole object or none, and no part: %s',
    async (_name, options) => {
      const { driver, leftovers } = await setUp()
      const at = async (sent: number) => {
        if (sent === 20 * MIB) killGateway(radosgw())
      }
      const [outcome] = await Promise.allSettled([driver.write('a', bodyOf(30 * MIB, { at }), options)])
      const stat = await statSoon(driver, 'a')
      if (outcome.status === 'fulfilled') expect(stat).toEqual(outcome.value.stat)
      else {
        expect(outcome.reason).toMatchObject({ code: 'storage_unavailable' })
        expect(stat).toBeNull()
      }
      // The abort is asked for again once the store is back.
      await vi.waitFor(async () => expect(await leftovers()).toEqual([]), { timeout: 10_000, interval: 200 })
    },
    40_000,
  )

  it.each([
    ['in parts', PRIVATE],
    ['on condition, in one request', { ...CREATE_ONLY, size: 30 * MIB }],
    ['on condition, of no known length', CREATE_ONLY],
  ])('a body that breaks comes out as it is and leaves nothing: %s', async (_name, options) => {
    const { driver, leftovers } = await setUp()
    const error = Object.assign(new Error('broken'), {
      $metadata: { httpStatusCode: 412 },
      name: 'NoSuchKey',
    })
    const at = async (sent: number) => {
      if (sent === 20 * MIB) throw error
    }
    await expect(driver.write('a', bodyOf(30 * MIB, { at }), options)).rejects.toBe(error)
    expect(await driver.stat('a')).toBeNull()
    expect(await leftovers()).toEqual([])
  })

  it('a body that is not as long as its size says is not stored where the store was told that size', async () => {
    const { driver, leftovers } = await setUp()
    for (const size of [29 * MIB, 31 * MIB]) {
      const write = driver.write('a', bodyOf(30 * MIB), { ...CREATE_ONLY, size })
      await expect(write).rejects.toMatchObject({ code: 'length_mismatch' })
      expect(await driver.stat('a')).toBeNull()
    }
    expect(await leftovers()).toEqual([])
  })

  it('a full store is storage_full, and keeps what it had', async () => {
    const { driver, leftovers } = await setUp()
    await driver.write('a', bodyOf(MIB), PRIVATE)
    const scope = ['--quota-scope=user', '--uid=tester']
    onTestFinished(() => administer(radosgw(), 'quota', 'disable', ...scope))
    await administer(radosgw(), 'quota', 'set', ...scope, '--max-objects=1')
    await administer(radosgw(), 'quota', 'enable', ...scope)
    const refused = { code: 'storage_full' }
    // The store takes a moment to know of its quota.
    await vi.waitFor(
      () => expect(driver.write('probe', bodyOf(10), PRIVATE)).rejects.toMatchObject(refused),
      20_000,
    )
    for (const size of [10, 12 * MIB]) {
      await expect(driver.write('b', bodyOf(size), PRIVATE)).rejects.toMatchObject(refused)
    }
    expect(await driver.stat('b')).toBeNull()
    expect(await readAll(driver, 'a')).toEqual({ size: MIB, byte: 1 })
    expect(await leftovers()).toEqual([])
  }, 30_000)
})

describe('s3Driver, where the store does not answer', () => {
  const calls: readonly (readonly [string, (driver: StorageDriver) => Promise<unknown>])[] = [
    ['stat', (driver) => driver.stat('a')],
    ['open', (driver) => driver.open('a')],
    ['write', (driver) => driver.write('a', bodyOf(10), PRIVATE)],
    ['write in parts', (driver) => driver.write('a', bodyOf(12 * MIB), PRIVATE)],
    ['write on condition', (driver) => driver.write('a', bodyOf(10), CREATE_ONLY)],
    ['delete', (driver) => driver.delete('a')],
    ['setVisibility', async (driver) => driver.setVisibility?.('a', 'public')],
    [
      'multipart',
      async (driver) =>
        driver.multipart?.create('a', { ...PRIVATE, expiresAt: new Date(Date.now() + 60_000) }),
    ],
  ]

  it.each(calls)('%s fails as storage_unavailable where it refuses connections', async (_name, call) => {
    const driver = s3Driver({ client: s3Client('http://127.0.0.1:1'), bucket: 'b', partSize: 5 * MIB })
    await expect(call(driver)).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('fails in time where it takes connections and says nothing, and goes on when it does', async () => {
    const { driver } = await setUp({ patience: 1 })
    await driver.write('a', bodyOf(10), PRIVATE)
    await radosgw().pause()
    try {
      const began = Date.now()
      for (const [, call] of calls.slice(0, 3)) {
        await expect(call(driver)).rejects.toMatchObject({ code: 'storage_unavailable' })
      }
      expect(Date.now() - began).toBeLessThan(10_000)
    } finally {
      await radosgw().resume()
    }
    expect((await statSoon(driver, 'a'))?.size).toBe(10)
  }, 30_000)
})
