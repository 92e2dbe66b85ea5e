import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createLatchkey, type LatchkeyOptions } from '@latchkey/core'
import { memoryLedger } from '@latchkey/ledgers/memory'
import type { RunningHost } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Storage, s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { hosts } from '../hosts/index.js'

const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251))
const radosgw = useRadosgw()

describe.each(Object.values(hosts))('$name sends clients to the bucket', (host) => {
  let storage: S3Storage
  let started: RunningHost[]

  beforeAll(async () => {
    started = []
    storage = await s3Storage(radosgw(), { getSignedUrl })
    await storage.driver.write('a b/größe+?#.bin', bytes(BYTES), {
      contentType: 'video/mp4',
      visibility: 'private',
    })
    await storage.driver.write('page.html', bytes(Buffer.from('<p>')), {
      contentType: 'text/html',
      visibility: 'public',
    })
  })
  afterAll(async () => {
    for (const { close } of started) await close()
    await storage?.close()
  })

  async function serve(options: Partial<LatchkeyOptions> = {}) {
    const files = createLatchkey({
      baseUrl: '/files',
      keys: [{ id: 'k1', secret: 'a secret that only this test knows' }],
      storage: storage.driver,
      ledger: memoryLedger(),
      delivery: 'redirect',
      ...options,
    })
    const app = await host.start(files, '/files')
    started.push(app)
    const get = (url: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      fetch(app.origin + url, { headers, ...init })
    return { files, get }
  }

  test('who has a good token gets the bytes from the bucket, as the reply would have had them', async () => {
    const { files, get } = await serve()
    const { url } = await files.signedUrl('a b/größe+?#.bin', {
      download: 'naïve "x".mp4',
      cacheControlMaxAge: 7,
    })
    const answer = await get(url, {}, { redirect: 'manual' })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await answer.text()).toBe('')
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.origin).toBe(radosgw().url)
    expect(location.searchParams.get('X-Amz-Expires')).toBe('60')
    const reply = await get(url)
    expect(Buffer.from(await reply.arrayBuffer()).equals(BYTES)).toBe(true)
    expect(reply.headers.get('content-type')).toBe('video/mp4')
    expect(reply.headers.get('cache-control')).toBe('private, max-age=7')
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment;.*filename\*=UTF-8''na%C3%AFve/)
  })

  test('ranges and conditions hold', async () => {
    const { files, get } = await serve()
    const { url } = await files.signedUrl('a b/größe+?#.bin')
    const part = await get(url, { range: 'bytes=10-19' })
    expect([part.status, Buffer.from(await part.arrayBuffer()).equals(BYTES.subarray(10, 20))]).toEqual([
      206,
      true,
    ])
    const head = await get(url, {}, { method: 'HEAD' })
    expect([head.status, head.redirected, head.headers.get('content-length')]).toEqual([200, false, '200000'])
    const etag = head.headers.get('etag') ?? ''
    const unchanged = await get(url, { 'if-none-match': etag })
    expect([unchanged.status, unchanged.redirected]).toEqual([304, false])
    expect((await get(url, { range: 'bytes=200000-' }, { redirect: 'manual' })).status).toBe(416)
  })

  test('without a good token nobody is sent anywhere', async () => {
    const { files, get } = await serve()
    const { url } = await files.signedUrl('a b/größe+?#.bin')
    const absent = await files.signedUrl('absent.bin')
    for (const [path, status] of [
      [url.replace(/\?.*/, ''), 403],
      [url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 403],
      [absent.url, 404],
    ] as const) {
      const reply = await get(path, {}, { redirect: 'manual' })
      expect([reply.status, reply.headers.get('location')]).toEqual([status, null])
    }
  })

  test('a public object needs no token', async () => {
    const { get } = await serve()
    const reply = await get('/files/page.html')
    expect([reply.redirected, reply.status, await reply.text()]).toEqual([true, 200, '<p>'])
    // It can run script, so it is sent as an attachment, also by the bucket.
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment/)
  })

  test('what the bucket could not hold a client to is streamed', async () => {
    const { files, get } = await serve()
    const { url } = await files.signedUrl('a b/größe+?#.bin', { maxDownloads: 1 })
    const first = await get(url)
    expect([first.status, first.redirected]).toEqual([200, false])
    await first.arrayBuffer()
    expect((await get(url)).status).toBe(403)
    const bound = await files.signedUrl('a b/größe+?#.bin', { allowedAddresses: ['127.0.0.1', '::1'] })
    const reply = await get(bound.url)
    expect([reply.status, reply.redirected]).toEqual([200, false])
    await reply.arrayBuffer()
  })

  test('the bucket opens no longer than it was told, and never longer than the token', async () => {
    const { files, get } = await serve({ redirectExpiresIn: 1 })
    const { url } = await files.signedUrl('page.html')
    const location = (await get(url, {}, { redirect: 'manual' })).headers.get('location') ?? ''
    expect((await fetch(location)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect((await fetch(location)).status).toBe(403)
    const brief = await serve()
    const soon = await brief.files.signedUrl('page.html', { expiresIn: 5 })
    const short = (await brief.get(soon.url, {}, { redirect: 'manual' })).headers.get('location') ?? ''
    expect(Number(new URL(short).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(5)
  })
})

async function* bytes(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk
}
