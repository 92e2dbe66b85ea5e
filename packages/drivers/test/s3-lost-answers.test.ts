import { Readable } from 'node:stream'
import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { bodyOf, CREATE_ONLY, MIB, PRIVATE, readAll } from './s3-bodies.js'
import { answered, type Hook, hook, NO_ANSWER, once } from './s3-hooks.js'

const radosgw = useRadosgw()

/** A driver whose client can be hooked, and a sound one beside it. */
async function setUp() {
  const { bucket, prefix, close, driver: sound, leftovers, names } = await s3Storage(radosgw())
  onTestFinished(close)
  const client = s3Client(radosgw().url)
  const driver = s3Driver({ client, bucket, prefix, partSize: 5 * MIB })
  const at = (command: string, part: string, run: Hook) => hook(client, command, prefix + part, run)
  return { driver, sound, leftovers, names, at }
}

/** The store does it, and its answer does not come. */
const losing = (error: Error) =>
  once(async (forward) => {
    await forward()
    throw error
  })

/** The store does nothing. */
const failing = (error: Error) =>
  once(async () => {
    throw error
  })

describe('s3Driver, where an answer of the store is lost', () => {
  const small = ['PutObjectCommand', 10, CREATE_ONLY] as const
  const large = ['CompleteMultipartUploadCommand', 6 * MIB, PRIVATE] as const
  it.each([
    ['no answer', NO_ANSWER, small],
    ['an error of the store', answered(500, 'InternalError'), small],
    ['the refusal of a repeated request', answered(412, 'PreconditionFailed'), small],
    ['no answer, in parts', NO_ANSWER, large],
    ['an error of the store, in parts', answered(503, 'ServiceUnavailable'), large],
    ['the refusal of a repeated request, in parts', answered(404, 'NoSuchUpload'), large],
  ])('knows its own object: %s', async (_name, error, [command, size, options]) => {
    const { driver, sound, at, leftovers } = await setUp()
    at(command, 'a', losing(error))
    const { created, stat } = await driver.write('a', bodyOf(size), options)
    expect(created).toBe(true)
    expect(stat).toEqual(await sound.stat('a'))
    expect(stat.size).toBe(size)
    expect(await leftovers()).toEqual([])
  })

  it.each([NO_ANSWER, answered(500, 'InternalError')])(
    'stores nothing again that may be under way: %o',
    async (error) => {
      const { driver, sound, at } = await setUp()
      at('PutObjectCommand', 'a', failing(error))
      await expect(driver.write('a', bodyOf(10), PRIVATE)).rejects.toMatchObject({
        code: 'storage_unavailable',
      })
      expect(await sound.stat('a')).toBeNull()
    },
  )

  it('goes on where the store could not decide a condition, six times at most', async () => {
    const { driver, at } = await setUp()
    const conflict = answered(409, 'ConditionalRequestConflict')
    at('PutObjectCommand', 'a', failing(conflict))
    expect((await driver.write('a', bodyOf(10), CREATE_ONLY)).created).toBe(true)
    let asked = 0
    at('PutObjectCommand', 'b', async () => {
      asked++
      throw conflict
    })
    await expect(driver.write('b', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(asked).toBe(6)
  })

  it('sends a body that flows through only once', async () => {
    const { driver, at } = await setUp()
    at('PutObjectCommand', 'a', failing(answered(409, 'ConditionalRequestConflict')))
    const write = driver.write('a', bodyOf(6 * MIB), { ...CREATE_ONLY, size: 6 * MIB })
    await expect(write).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('tells what it stored where another version followed at once', async () => {
    const { driver, sound, at } = await setUp()
    at('PutObjectCommand', 'a', async (forward) => {
      const answer = await forward()
      await sound.write('a', bodyOf(20), PRIVATE)
      return answer
    })
    expect((await driver.write('a', bodyOf(10), PRIVATE)).stat.size).toBe(10)
  })

  it('takes no version for the one that it made private or public: that keeps its nonce', async () => {
    const { driver, sound, at } = await setUp()
    await driver.write('a', bodyOf(10), PRIVATE)
    at('PutObjectCommand', 'a', failing(answered(412, 'PreconditionFailed')))
    expect(await driver.setVisibility?.('a', 'public')).toBe(true)
    expect((await sound.stat('a'))?.visibility).toBe('public')
  })
})

describe('s3Driver, which version it is', () => {
  it('tells two with the same bytes apart by their nonces', async () => {
    const { driver, sound } = await setUp()
    const first = await driver.write('a', bodyOf(10), PRIVATE)
    const second = await driver.write('a', bodyOf(10), PRIVATE)
    expect(second.stat.etag).toBe(first.stat.etag)
    const of = ({ stat: { etag, version } }: typeof first) => ({
      type: 'match' as const,
      etags: [etag],
      ...(version !== undefined && { version }),
    })
    const failed = { code: 'precondition_failed' }
    const replacing = { ...PRIVATE, precondition: of(first) }
    await expect(driver.write('a', bodyOf(5), replacing)).rejects.toMatchObject(failed)
    await expect(driver.delete('a', of(first))).rejects.toMatchObject(failed)
    expect((await sound.stat('a'))?.version).toBe(second.stat.version)
    expect(await driver.delete('a', of(second))).toBe(true)
  })
})

describe('s3Driver, while it finds out which conditions the store checks', () => {
  it('learns nothing from a store that was down, and asks again', async () => {
    const { driver, at } = await setUp()
    at('PutObjectCommand', '.latchkey/probe/', failing(NO_ANSWER))
    await expect(driver.write('a', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect((await driver.write('a', bodyOf(10), CREATE_ONLY)).created).toBe(true)
  })

  it('takes no trouble of the store for a refusal, and leaves nothing behind either way', async () => {
    const { driver, at, leftovers } = await setUp()
    let asked = 0
    at('PutObjectCommand', '.latchkey/probe/', async (forward) => {
      if (++asked === 2) throw answered(500, 'InternalError')
      return forward()
    })
    await expect(driver.write('a', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(await leftovers()).toEqual([])
    await driver.write('a', bodyOf(10), CREATE_ONLY)
    expect(await leftovers()).toEqual([])
  })
})

describe('s3Driver, while the store copies', () => {
  it('leaves no part of a join that fails', async () => {
    const { driver, at, leftovers } = await setUp()
    const id = await driver.multipart.create('a', { ...PRIVATE, expiresAt: new Date(Date.now() + 60_000) })
    const parts = []
    for (const partNumber of [1, 2]) {
      parts.push(await driver.multipart.writePart('a', id, partNumber, bodyOf(5 * MIB), { maxTotal: 1e9 }))
    }
    let asked = 0
    at('UploadPartCopyCommand', 'a', async (forward) => {
      if (++asked === 2) throw answered(500, 'InternalError')
      return forward()
    })
    const completion = driver.multipart.complete('a', id, parts, { maxTotal: 1e9 })
    await expect(completion).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await leftovers()).toEqual([])
    expect((await driver.multipart.complete('a', id, parts, { maxTotal: 1e9 })).stat.size).toBe(10 * MIB)
  })

  it('makes nothing public but what is there when it is published, of any size', async () => {
    const { driver, sound, at } = await setUp()
    await sound.write('a', bodyOf(6 * MIB), PRIVATE)
    const replacing = once(async (forward) => {
      await sound.write('a', bodyOf(20, { byte: 2 }), PRIVATE)
      return forward()
    })
    for (const command of ['PutObjectCommand', 'CompleteMultipartUploadCommand']) at(command, 'a', replacing)
    expect(await driver.setVisibility?.('a', 'public')).toBe(true)
    expect(await sound.stat('a')).toMatchObject({ size: 20, visibility: 'public' })
    expect(await readAll(sound, 'a')).toEqual({ size: 20, byte: 2 })
  })

  it('opens no version in place of one that was replaced while it was copied', async () => {
    const { driver, sound, at, leftovers } = await setUp()
    await sound.write('a', bodyOf(6 * MIB), PRIVATE)
    at('UploadPartCopyCommand', '.latchkey/held/', async (forward) => {
      await sound.write('a', bodyOf(6 * MIB, { byte: 2 }), PRIVATE)
      return forward()
    })
    await expect(driver.open('a', { held: true })).rejects.toMatchObject({ code: 'precondition_failed' })
    expect(await leftovers()).toEqual([])
  })

  it.each([
    ['is refused', failing(answered(500, 'InternalError'))],
    [
      'breaks',
      once(async (forward) => {
        const answer = (await forward()) as { output: { Body: Readable } }
        answer.output.Body.destroy()
        const broken = async function* () {
          yield Buffer.alloc(10)
          throw NO_ANSWER
        }
        return {
          ...answer,
          output: { ...answer.output, Body: Readable.from(broken(), { objectMode: false }) },
        }
      }),
    ],
  ])('removes the copy of a version whose reading %s', async (_name, run) => {
    const { driver, sound, at, leftovers } = await setUp()
    await sound.write('a', bodyOf(MIB), PRIVATE)
    at('GetObjectCommand', '.latchkey/held/', run)
    const object = await driver.open('a', { held: true })
    const reading = (async () => {
      const body = (await object?.read()) ?? []
      for await (const _ of body instanceof Uint8Array ? [body] : body);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'storage_unavailable' })
    await object?.close()
    expect(await leftovers()).toEqual([])
    expect(await readAll(sound, 'a')).toEqual({ size: MIB, byte: 1 })
  })
})
