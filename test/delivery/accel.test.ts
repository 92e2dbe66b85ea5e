import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLatchkey, type Latchkey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryLedger } from '@latchkey/ledgers/memory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useNginx } from '../engines/use-engine.js'
import { hosts } from '../hosts/index.js'
import { EARLIER_HEADER } from '../hosts/request-log.js'
import { nginxBlock } from './nginx-block.mjs'

/** Not of the object, or set by the app itself. */
const OF_THE_CONNECTION = new Set(['date', 'connection', 'keep-alive', 'server-timing', EARLIER_HEADER])

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))

describe.each(Object.values(hosts))('$name behind nginx', (host) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-accel-')))
  let files: Latchkey
  let app: Awaited<ReturnType<typeof host.start>>

  beforeAll(async () => {
    files = createLatchkey({
      baseUrl: '/files',
      keys: [{ id: 'k1', secret: 'a secret that only this test knows' }],
      storage: fsDriver({ root }),
      ledger: memoryLedger(),
      delivery: 'accel',
      accel: { location: '/protected/' },
      cors: { origins: ['https://app.example.com'] },
    })
    app = await host.start(files, '/files')
    mkdirSync(join(root, 'deep/er'), { recursive: true })
    writeFileSync(join(root, 'deep/er/big.bin'), BYTES)
  })
  // Behind the app, whose address it has to know.
  const nginx = useNginx(async () => nginxBlock(app.origin, root))
  afterAll(async () => {
    await app.close()
    rmSync(root, { recursive: true, force: true })
  })

  const signed = async (key: string, options = {}) => (await files.signedUrl(key, options)).url
  const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(nginx().url + url, { headers, method, redirect: 'manual' })

  test('nginx sends the file, with our headers', async () => {
    const url = await signed('deep/er/big.bin', { download: 'größe 1.bin' })
    const direct = await fetch(app.origin + url)
    expect(direct.headers.get('x-accel-redirect')).toBe('/protected/deep/er/big.bin')
    expect(await direct.text()).toBe('')
    const reply = await get(url, { origin: 'https://app.example.com' })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('x-accel-redirect')).toBeNull()
    const streamed = createLatchkey({
      baseUrl: '/files',
      keys: [{ id: 'k1', secret: 'a secret that only this test knows' }],
      storage: fsDriver({ root }),
      cors: { origins: ['https://app.example.com'] },
    })
    const other = await host.start(streamed, '/files')
    const expected = await fetch(other.origin + url, { headers: { origin: 'https://app.example.com' } })
    await other.close()
    for (const [name, value] of expected.headers) {
      if (OF_THE_CONNECTION.has(name)) continue
      expect([name, reply.headers.get(name)]).toEqual([name, value])
    }
    expect(Buffer.from(await reply.arrayBuffer()).equals(BYTES)).toBe(true)
  })

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=1000-65999', 1000, 65_999],
    ['bytes=-10', 299_990, 299_999],
    ['bytes=299999-', 299_999, 299_999],
  ])('range %s is 206', async (range, first, last) => {
    const reply = await get(await signed('deep/er/big.bin'), { range })
    expect(reply.status).toBe(206)
    expect(reply.headers.get('content-range')).toBe(`bytes ${first}-${last}/300000`)
    expect(Buffer.from(await reply.arrayBuffer()).equals(BYTES.subarray(first, last + 1))).toBe(true)
  })

  test('a range past the end is 416, several ranges are the whole', async () => {
    const url = await signed('deep/er/big.bin')
    expect((await get(url, { range: 'bytes=300000-' })).status).toBe(416)
    const several = await get(url, { range: 'bytes=0-1,5-6' })
    expect([several.status, (await several.arrayBuffer()).byteLength]).toEqual([200, 300_000])
  })

  test('conditions are held by our validators', async () => {
    const url = await signed('deep/er/big.bin')
    const etag = (await get(url)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    expect((await get(url, { 'if-none-match': etag })).status).toBe(304)
    expect((await get(url, { 'if-none-match': '"other"' })).status).toBe(200)
    expect((await get(url, { 'if-match': etag })).status).toBe(200)
    expect((await get(url, { 'if-match': '"other"' })).status).toBe(412)
    expect((await get(url, { range: 'bytes=1-2', 'if-range': etag })).status).toBe(206)
    expect((await get(url, { range: 'bytes=1-2', 'if-range': '"other"' })).status).toBe(200)
    const modified = (await get(url)).headers.get('last-modified') ?? ''
    expect((await get(url, { 'if-modified-since': modified })).status).toBe(304)
    expect((await get(url, { 'if-unmodified-since': modified })).status).toBe(200)
    expect((await get(url, { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).status).toBe(412)
  })

  test('HEAD is answered by the app', async () => {
    const url = await signed('deep/er/big.bin')
    const [head, whole] = [await get(url, {}, 'HEAD'), await get(url)]
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('300000')
    for (const name of ['etag', 'content-type', 'cache-control', 'accept-ranges']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name))
    }
  })

  test('parts of a counted download that nginx sends are free inside the window', async () => {
    const url = await signed('deep/er/big.bin', { maxDownloads: 1, resumeWindow: '10m' })
    const statuses: number[] = []
    for (const range of ['bytes=0-9', 'bytes=10-19', 'bytes=0-1,5-6', undefined]) {
      const reply = await get(url, range === undefined ? {} : { range })
      await reply.arrayBuffer()
      statuses.push(reply.status)
    }
    expect(statuses).toEqual([206, 206, 403, 403])
  })

  test('nginx sends what was confirmed', async () => {
    const url = await signed('deep/er/big.bin', { maxDownloads: 1, confirm: true })
    expect((await get(url)).status).toBe(403)
    const confirm = () =>
      fetch(nginx().url + url, { method: 'POST', body: new URLSearchParams({ confirm: '1' }) })
    const reply = await confirm()
    expect([reply.status, reply.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename=big.bin',
    ])
    expect(Buffer.from(await reply.arrayBuffer()).equals(BYTES)).toBe(true)
    expect((await confirm()).status).toBe(403)
  })

  test('without a good token nothing is sent, whichever way it is asked for', async () => {
    const url = await signed('deep/er/big.bin')
    for (const path of [
      '/files/deep/er/big.bin',
      url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      url.replace('deep/er', 'deep/./er'),
    ]) {
      const reply = await raw(nginx().port, path)
      expect([path, reply.status]).toEqual([path, path.includes('/./') ? 400 : 403])
      expect(reply.headers['cache-control']).toBe('no-store')
    }
    for (const path of [
      '/protected/deep/er/big.bin',
      '/files/../protected/deep/er/big.bin',
      '//protected/deep/er/big.bin',
    ]) {
      expect([path, (await raw(nginx().port, path)).status]).toEqual([path, 404])
    }
  })

  test('a limit of downloads holds', async () => {
    const url = await signed('deep/er/big.bin', { maxDownloads: 2 })
    const replies = await Promise.all(Array.from({ length: 20 }, () => get(url)))
    const bodies = await Promise.all(replies.map((reply) => reply.arrayBuffer()))
    expect(replies.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(2)
    expect(bodies.filter(({ byteLength }) => byteLength === BYTES.length)).toHaveLength(2)
    expect((await get(url, {}, 'HEAD')).status).toBe(403)
  })

  test.each([
    'a b+c%20d.txt',
    'q?x=1&y#z;@=$,.txt',
    'größe/日本 😀.txt',
    'it\'s "so".txt',
    '%2e%2e/x.txt',
    '*(!)~.txt',
  ])('the key %s is sent as itself', async (key) => {
    mkdirSync(join(root, key, '..'), { recursive: true })
    writeFileSync(join(root, key), `the bytes of ${key}`)
    const reply = await get(await signed(key))
    expect([reply.status, await reply.text()]).toEqual([200, `the bytes of ${key}`])
  })

  test('a link is followed inside the root and not out of it', async () => {
    symlinkSync('deep/er/big.bin', join(root, 'inside'))
    symlinkSync('/etc/passwd', join(root, 'outside'))
    expect((await get(await signed('inside'))).status).toBe(200)
    expect((await get(await signed('outside'))).status).toBe(404)
  })

  test('an upload passes nginx', async () => {
    const { url } = await files.signedUploadUrl('new/up.txt', { maxSize: 10 })
    const put = (body: string) =>
      fetch(nginx().url + url, { method: 'PUT', body, headers: { 'content-type': 'text/plain' } })
    expect((await put('more than ten')).status).toBe(413)
    expect((await put('some text')).status).toBe(201)
    expect(await (await get(await signed('new/up.txt'))).text()).toBe('some text')
  })
})

/** A path as it is: `fetch` would resolve its dots. */
function raw(
  port: number,
  path: string,
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path }, (reply) => {
      reply.resume().on('end', () => resolve({ status: reply.statusCode, headers: reply.headers }))
    })
      .on('error', reject)
      .end()
  })
}
