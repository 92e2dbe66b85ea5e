import type { NativeUploads, PresignedReadOptions, StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import {
  codeOf,
  expectInvalid,
  latchkeyWith,
  NOW,
  newFolder,
  read,
  send,
  textOf,
  upload,
} from './exchange.js'
import type { Rows } from './rows.js'

const location = '/protected/'

/** A storage that says which URLs it was asked for. */
function presigned() {
  const asked: PresignedReadOptions[] = []
  const storage: StorageDriver = Object.assign(memoryDriver(), {
    presigning: {
      async readUrl(key: string, options: PresignedReadOptions) {
        asked.push(options)
        return `https://bucket.example.com/${key}`
      },
    },
  })
  return { asked, storage }
}

/** A storage that says which sizes it signed URLs for. */
function takingUploads() {
  const asked: number[] = []
  const { storage } = presigned()
  const uploads: NativeUploads = {
    limits: { putSize: 5e9, smallestPart: 5 * 1024 ** 2, parts: 10_000, totalSize: 5e12 },
    async begin(_key, { size }) {
      asked.push(size)
      return 'an-id'
    },
    sign: async () => ({ method: 'PUT', url: 'https://bucket.example.com/x', headers: {}, size: 0 }),
    listParts: async () => [],
    complete: () => Promise.reject(new Error('nothing is completed here')),
    abort: async () => {},
  }
  const { presigning } = storage
  if (presigning === undefined) throw new Error('it has some')
  return { asked, storage: Object.assign(storage, { presigning: { ...presigning, uploads } }) }
}

async function headersOf(options: Parameters<typeof latchkeyWith>[0]): Promise<Record<string, string>> {
  const files = latchkeyWith(options)
  await upload(files, 'a b.txt', { body: 'hello' })
  return (await read(files, 'a b.txt')).headers
}

/** Who sends the bytes. */
export const deliveryRows: Rows = {
  delivery: {
    default: 'stream',
    async check() {
      const root = await newFolder()
      const plain = await headersOf({ storage: fsDriver({ root }) })
      expect(plain['content-length']).toBe('5')
      const { storage } = presigned()
      expect((await headersOf({ storage, delivery: 'redirect' })).location).toBe(
        'https://bucket.example.com/a b.txt',
      )
      // What another could not do as promised is streamed.
      const inMemory = await headersOf({ delivery: 'accel', accel: { location } })
      expect(inMemory['content-length']).toBe('5')
      const ledger = memoryLedger({ now: () => NOW })
      const limited = await read(latchkeyWith({ storage, delivery: 'redirect', ledger }), 'a b.txt', {
        maxDownloads: 1,
      })
      expect([limited.status, await textOf(limited)]).toEqual([200, 'hello'])
      const bound = await read(
        latchkeyWith({ storage, delivery: 'redirect' }),
        'a b.txt',
        { allowedAddresses: ['192.0.2.1'] },
        { address: '192.0.2.1' },
      )
      expect(bound.status).toBe(200)
      const asking = latchkeyWith({ storage, delivery: 'redirect' })
      const asked = await asking.signedUrl('a b.txt', { confirm: true })
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const confirmed = await send(asking, 'POST', asked.url, { headers: form, body: 'confirm=1' })
      expect([confirmed.status, await textOf(confirmed)]).toEqual([200, 'hello'])
      const marked = await read(latchkeyWith({ storage, delivery: 'redirect', ledger }), 'a b.txt', {
        revocable: true,
      })
      expect(marked.status).toBe(200)
      const tree = latchkeyWith({ storage, delivery: 'redirect' })
      const { url } = await tree.signedTreeUrl('t/')
      const statuses: number[] = []
      for (const name of ['index.m3u8', 'manifest.mpd', 'page.html', 'look.css', '0.ts', '0.mp4', 'a.png']) {
        await upload(tree, `t/${name}`, { body: 'hello' })
        statuses.push((await send(tree, 'GET', url + name)).status)
      }
      expect(statuses).toEqual([200, 200, 200, 200, 302, 302, 302])
      expect((await read(tree, 't/index.m3u8')).status).toBe(302)
      await expectInvalid(
        // @ts-expect-error what JavaScript may pass
        () => latchkeyWith({ delivery: 'pigeon' }),
        () => latchkeyWith({ delivery: 'accel' }),
        () => latchkeyWith({ delivery: 'redirect' }),
      )
    },
  },
  accel: {
    default: 'none',
    check: () =>
      expectInvalid(
        () => latchkeyWith({ accel: { location } }),
        () => latchkeyWith({ delivery: 'accel' }),
        () => latchkeyWith({ delivery: 'accel', accel: {} }),
      ),
  },
  'accel.location': {
    default: 'none',
    async check() {
      const storage = fsDriver({ root: await newFolder() })
      const headers = await headersOf({ storage, delivery: 'accel', accel: { location } })
      expect(headers['x-accel-redirect']).toBe('/protected/a%20b.txt')
      const bad = ['', 'protected/', '/protected', '/', '/pro tected/', '/a?b/', '/a%41/', '//']
      await expectInvalid(
        ...bad.map((each) => () => latchkeyWith({ delivery: 'accel', accel: { location: each } })),
        () => latchkeyWith({ accel: { location } }),
      )
    },
  },
  'accel.header': {
    default: 'X-Accel-Redirect',
    async check() {
      const root = await newFolder()
      const accel = { header: 'X-Sendfile' } as const
      const headers = await headersOf({ storage: fsDriver({ root }), delivery: 'accel', accel })
      expect(headers['x-sendfile']).toMatch(/^\/.*\/a%20b\.txt$/)
      await expectInvalid(
        // @ts-expect-error what JavaScript may pass
        () => latchkeyWith({ delivery: 'accel', accel: { header: 'X-Other', location } }),
        () => latchkeyWith({ delivery: 'accel', accel: { header: 'X-Sendfile', location } }),
      )
    },
  },
  redirectExpiresIn: {
    default: '60s',
    async check() {
      const { asked, storage } = presigned()
      await headersOf({ storage, delivery: 'redirect' })
      await read(latchkeyWith({ storage, delivery: 'redirect', redirectExpiresIn: '1h' }), 'a b.txt', {
        expiresIn: '2h',
      })
      await read(latchkeyWith({ storage, delivery: 'redirect' }), 'a b.txt', { expiresIn: 5 })
      expect(asked.map(({ expiresIn }) => expiresIn)).toEqual([60, 3600, 5])
      await expectInvalid(
        () => latchkeyWith({ storage, delivery: 'redirect', redirectExpiresIn: 0 }),
        () => latchkeyWith({ storage, delivery: 'redirect', redirectExpiresIn: '61m' }),
        () => latchkeyWith({ redirectExpiresIn: 5 }),
      )
    },
  },
  uploads: {
    default: 'stream',
    async check() {
      const streaming = latchkeyWith()
      expect((await streaming.signedUploadUrl('a')).method).toBe('PUT')
      expect((await upload(streaming, 'a', { body: 'x' })).status).toBe(201)
      const { asked, storage } = takingUploads()
      const files = latchkeyWith({ storage, uploads: 'direct', multipart: { partSize: '5mb' } })
      expect((await files.signedUploadUrl('a')).method).toBe('POST')
      expect(codeOf(await upload(files, 'a', { body: 'x' }))).toBe('method_not_allowed')
      const { url } = await files.signedUploadUrl('a')
      const announced = await send(files, 'POST', url, { body: '{"size":7}' })
      expect([announced.status, asked]).toEqual([200, [7]])
      await expectInvalid(
        // @ts-expect-error what JavaScript may pass
        () => latchkeyWith({ uploads: 'pigeon' }),
        () => latchkeyWith({ uploads: 'direct' }),
        async () => latchkeyWith({ uploads: 'direct', storage: fsDriver({ root: await newFolder() }) }),
        () => latchkeyWith({ uploads: 'direct', storage: presigned().storage }),
        () => latchkeyWith({ uploads: 'direct', storage, multipart: { partSize: '4mb' } }),
      )
    },
  },
}
