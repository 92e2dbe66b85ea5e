import { existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { writeText } from './texts.js'
import { PLENTY, setUp, zeros } from './upload-context.js'

afterEach(() => {
  vi.useRealTimers()
})

describe('uploads that have expired', () => {
  it('go at the next start, with their parts; those that live stay', async () => {
    const { root, multipart, create, uploads } = setUp()
    const [dying, living, done] = [await create('a', 1500), await create('b'), await create('c', 1500)]
    await multipart.writePart('a', dying, 1, zeros(10), PLENTY)
    const part = await multipart.writePart('b', living, 1, zeros(10), PLENTY)
    await multipart.complete('c', done, [await multipart.writePart('c', done, 1, zeros(10), PLENTY)], PLENTY)
    mkdirSync(join(uploads, 'not-ours'))
    expect(readdirSync(uploads).sort()).toEqual([dying, living, done, 'not-ours'].sort())
    await new Promise((go) => setTimeout(go, 1550))
    fsDriver({ root })
    await expect.poll(() => readdirSync(uploads).sort()).toEqual([living, 'not-ours'].sort())
    expect(await multipart.listParts('b', living)).toEqual([part])
  })

  it('go from time to time as others begin', async () => {
    const { create, uploads } = setUp()
    const dying = await create('a', 60_000)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
    const early = await create('b')
    await new Promise((go) => setTimeout(go, 200))
    expect(readdirSync(uploads), 'not with every one').toContain(dying)
    vi.setSystemTime(Date.now() + 10 * 60_000)
    const late = await create('c')
    await expect.poll(() => readdirSync(uploads).sort()).toEqual([early, late].sort())
  })

  it('leave nothing where a process died over their removal', async () => {
    const { root, create, uploads } = setUp()
    const id = await create('a')
    mkdirSync(join(uploads, `${id}.gone`))
    writeFileSync(join(uploads, `${id}.gone`, '1.1.4.aaaaaaaaaaaaaaaaaaaaaa'), 'part')
    fsDriver({ root })
    await expect.poll(() => readdirSync(uploads)).toEqual([id])
  })
})

describe('what is no upload id', () => {
  it('reaches no file outside the upload’s folder', async () => {
    const { root, multipart, create, uploads } = setUp()
    const id = await create('key')
    const part = await multipart.writePart('key', id, 1, zeros(4), PLENTY)
    // A folder that would pass for an upload, in places that an id must not lead to.
    for (const place of [join(root, 'bait'), join(uploads, 'bait')]) {
      mkdirSync(place)
      const manifest = { key: 'key', contentType: 'text/plain', visibility: 'private' }
      writeFileSync(join(place, 'manifest'), JSON.stringify(manifest))
    }
    symlinkSync(join(root, 'bait'), join(uploads, 'link'))
    const tricks = [
      'bait',
      'link',
      '../../bait',
      `${id}/../bait`,
      `${id}/`,
      `./${id}`,
      `${id}\0`,
      `${id}.gone`,
    ]
    const others = [
      `${id}\n`,
      `${id}/../${id}`,
      '..',
      '.',
      '',
      join(uploads, id),
      `..\\${id}`,
      id.toUpperCase(),
    ]
    for (const trick of [...tricks, ...others, undefined as unknown as string, [id] as unknown as string]) {
      const failure = { code: 'upload_not_found' }
      await expect(multipart.listParts('key', trick)).rejects.toMatchObject(failure)
      await expect(multipart.writePart('key', trick, 1, zeros(4), PLENTY)).rejects.toMatchObject(failure)
      await expect(multipart.complete('key', trick, [part], PLENTY)).rejects.toMatchObject(failure)
      await multipart.abort('key', trick)
    }
    expect(existsSync(join(root, 'bait/manifest'))).toBe(true)
    expect(readdirSync(join(root, 'bait'))).toEqual(['manifest'])
    expect(await multipart.listParts('key', id)).toEqual([part])
  })
})

describe('a part that lost its bytes', () => {
  it('is named to the client, who can upload it again', async () => {
    const { root, multipart, create, uploads } = setUp()
    const id = await create('key')
    const part = await multipart.writePart('key', id, 1, zeros(10), PLENTY)
    const file = readdirSync(join(uploads, id)).find((name) => name.startsWith('1.')) ?? ''
    truncateSync(join(uploads, id, file), 5)
    await expect(multipart.complete('key', id, [part], PLENTY)).rejects.toMatchObject({
      code: 'invalid_part',
    })
    expect(await fsDriver({ root }).stat('key')).toBeNull()
    const again = await multipart.writePart('key', id, 1, zeros(10), PLENTY)
    expect((await multipart.complete('key', id, [again], PLENTY)).stat.size).toBe(10)
  })
})

describe('an upload', () => {
  it('is not begun where its object cannot be stored', async () => {
    const { root, create, uploads } = setUp()
    await writeText(fsDriver({ root }), 'file', 'x')
    await expect(create('file/below/it')).rejects.toMatchObject({ code: 'key_conflict' })
    await expect(create('.latchkey/x')).rejects.toMatchObject({ code: 'invalid_key' })
    symlinkSync('/', join(root, 'out'))
    await expect(create('out/tmp/x')).rejects.toMatchObject({ code: 'invalid_key' })
    expect(readdirSync(uploads)).toEqual([])
  })
})
