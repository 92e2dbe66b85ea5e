import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { presignUrl } from '@latchkey/client/presign'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { throttleUploads, useChromium } from '../browser/chromium-session.js'
import { answering, holding, killing, losingAnswers } from './faults.js'
import { openPage } from './upload-page.js'
import {
  MB,
  sha256,
  startUploadServer,
  type UploadServer,
  type UploadServerOptions,
} from './upload-server.js'

const chromium = useChromium()

describe('uploads from a page', { timeout: 90_000 }, () => {
  const bytes = randomBytes(8 * MB)
  let folder: string
  let path: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-client-files-'))
    path = join(folder, 'photo.bin')
    await writeFile(path, bytes)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['in one piece', false, ['mint 200', 'put 201']],
    [
      'in parts',
      { threshold: 1, concurrency: 2, partSize: 4 * MB },
      ['mint 200', 'part 1 200', 'part 2 200', 'complete 201'],
    ],
  ])('reports how far it is while the bytes go out, %s', async (_name, multipart, requests) => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    expect(await page.upload(path, { endpoint: '/files', key: 'a.bin', multipart })).toEqual({
      key: 'a.bin',
      size: bytes.length,
      contentType: 'application/octet-stream',
      etag: expect.any(String),
      visibility: 'private',
    })
    const progress = await page.progress()
    const between = new Set(progress.filter((loaded) => loaded > 0 && loaded < bytes.length))
    expect(between.size).toBeGreaterThanOrEqual(8)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(bytes.length)
    // Parts go out at the same time, so either may be answered first.
    const [first, ...others] = server.seen.map(({ what, status }) => `${what} ${status}`)
    const last = others.pop()
    expect([first, ...others.sort(), last]).toEqual(requests)
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('gets 100 MiB through refusals and connections that break', async () => {
    const { server, page } = await start({ multipart: { partSize: 8 * MB } })
    server.faults.push(answering(/^part/, 3, 503, { 'retry-after': '0' }), killing(/^part/, 3, 2 * MB))
    const large = randomBytes(100 * MB)
    const largePath = join(folder, 'film.bin')
    await writeFile(largePath, large)
    const retries = { limit: 10, baseDelay: 5 }
    expect(await page.upload(largePath, { endpoint: '/files', key: 'film.bin', retries })).toMatchObject({
      size: large.length,
    })
    expect(await server.digest('film.bin')).toBe(sha256(large))
    expect(server.statuses(/^part/).filter((status) => status === 503)).toHaveLength(3)
    expect(server.statuses(/^part/).filter((status) => status === 200)).toHaveLength(13)
    const progress = await page.progress()
    expect(Math.max(...progress)).toBe(large.length)
    // What broke had been counted, and was taken back.
    expect(progress).not.toEqual([...progress].sort((a, b) => a - b))
  })

  it('asks for another URL where one expires', async () => {
    const { server, page } = await start()
    let times = 0
    server.faults.push((what) => {
      if (what.startsWith('part') && ++times === 4) server.elapse(61_000)
      return false
    })
    expect(await page.upload(path, IN_PARTS)).toMatchObject({ size: bytes.length })
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect(server.statuses(/mint/)).toEqual([200, 200])
    expect(server.statuses(/part/)).toContain(403)
  })

  it('stops for a pause, and then sends what is missing', async () => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    await page.start(path, IN_PARTS)
    await page.sent(3.5 * MB)
    await page.act('pause')
    await sleep(300)
    const before = server.seen.length
    const done = server.statuses(/part/).filter((status) => status === 200).length
    expect(done).toBeGreaterThanOrEqual(1)
    await sleep(500)
    expect(server.seen).toHaveLength(before)
    await page.act('resume')
    expect(await page.result()).toMatchObject({ size: bytes.length })
    // A part may have arrived whose answer the pause cut off: one for each connection.
    const sent = server.seen.slice(before).filter(({ what }) => what.startsWith('part'))
    expect(sent.length).toBeGreaterThanOrEqual(8 - done)
    expect(sent.length).toBeLessThanOrEqual(8 - done + IN_PARTS.multipart.concurrency)
    expect(sent.map(({ what }) => what)).not.toContain('part 1')
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('stops for a pause in one piece, and then sends it all', async () => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    await page.start(path, { endpoint: '/files', key: 'a.bin', multipart: false })
    await page.sent(2 * MB)
    await page.act('pause')
    await sleep(300)
    await page.act('resume')
    expect(await page.result()).toMatchObject({ size: bytes.length })
    expect(server.statuses(/put/)).toEqual([0, 201])
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('goes on after the page was reloaded, and sends only the missing parts', async () => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    await page.start(path, IN_PARTS)
    await page.sent(4.5 * MB)
    await page.page.reload()
    await page.ready()
    await sleep(300)
    const before = server.seen.length
    const done = server.statuses(/part/).filter((status) => status === 200).length
    expect(done).toBeGreaterThanOrEqual(2)
    expect(done).toBeLessThan(8)
    expect(await page.upload(path, IN_PARTS)).toMatchObject({ key: 'a.bin', size: bytes.length })
    const after = server.seen.slice(before).map(({ what }) => what)
    expect(after.slice(0, 2)).toEqual(['mint', 'list'])
    expect(after.filter((what) => what.startsWith('part'))).toHaveLength(8 - done)
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect((await page.progress())[0]).toBeGreaterThan(0)
    expect(await page.page.evaluate(() => localStorage.length)).toBe(0)
  })

  it('leaves nothing when it is aborted', async () => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    await page.start(path, IN_PARTS)
    await page.sent(3 * MB)
    await page.act('abort')
    expect(await page.result()).toMatchObject({ code: 'aborted' })
    expect(server.statuses(/abort/)).toEqual([204])
    await expect.poll(() => server.onDisk()).toEqual([])
    expect(await page.page.evaluate(() => localStorage.length)).toBe(0)
    const reported = await page.progress()
    await sleep(200)
    expect(await page.progress()).toEqual(reported)
  })

  it('leaves nothing when it is aborted in one piece', async () => {
    const { server, page } = await start()
    await throttleUploads(page.page, 4 * MB)
    await page.start(path, { endpoint: '/files', key: 'a.bin', multipart: false })
    await page.sent(3 * MB)
    await page.act('abort')
    expect(await page.result()).toMatchObject({ code: 'aborted' })
    await expect.poll(() => server.statuses(/put/)).toEqual([0])
    await expect.poll(() => server.onDisk()).toEqual([])
  })

  it('lets the last request end that a pause comes too late for', async () => {
    const { server, page } = await start()
    const gate = holding(/complete/)
    server.faults.push(gate.fault)
    await page.start(path, IN_PARTS)
    await gate.held
    await page.act('pause')
    gate.release()
    expect(await page.result()).toMatchObject({ size: bytes.length })
    expect(server.statuses(/complete/)).toEqual([201])
  })

  it('says unconfirmed where the answer to a PUT was lost', async () => {
    const { server, page } = await start()
    server.freshConnections()
    server.faults.push(losingAnswers(/put/, 1))
    const options = { endpoint: '/files', key: 'a.bin', multipart: false } as const
    expect(await page.upload(path, options)).toEqual({ code: 'unconfirmed', status: 409 })
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('works from another origin that CORS lets in', async () => {
    const { server: home, page } = await start()
    const server = await serverFor({ cors: { origins: [home.origin] } })
    server.faults.push(answering(/part 2/, 1, 503), losingAnswers(/complete/, 1))
    const { endpoint } = server
    expect(await page.upload(path, { ...IN_PARTS, endpoint })).toMatchObject({ size: bytes.length })
    expect(await page.upload(path, { endpoint, key: 'b', multipart: false })).toMatchObject({ key: 'b' })
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect(await server.digest('b')).toBe(sha256(bytes))

    await throttleUploads(page.page, 4 * MB)
    await page.start(path, { ...IN_PARTS, endpoint, key: 'c' })
    await page.sent(2 * MB)
    await page.act('abort')
    expect(await page.result()).toMatchObject({ code: 'aborted' })
    expect(server.statuses(/abort/)).toEqual([204])
    expect(await page.upload(path, { ...IN_PARTS, endpoint })).toEqual({ code: 'exists', status: 409 })
    expect(home.seen).toEqual([])
  })

  it('cannot tell a foreign origin that CORS keeps out from a network that is down', async () => {
    const { page } = await start()
    const { endpoint } = await serverFor({})
    expect(await page.upload(path, { endpoint, retries: 0 })).toEqual({ code: 'network' })
  })
})

describe('presignUrl', { timeout: 60_000 }, () => {
  it.each([
    { operation: 'get', key: 'team/naïve ✓/a+b?#%.png', expiresIn: '10m' },
    {
      operation: 'put',
      key: 'team/b.png',
      maxSize: '5mb',
      allowedTypes: ['image/png'],
      validUntil: 1_800_000_400_000,
    },
  ] as const)('gives the same URL in Chromium as in Node: $operation', async (options) => {
    const { server, page } = await start()
    const token = await server.files.issueSignedToken({
      prefix: 'team/',
      operations: ['get', 'put'],
      expiresIn: '1h',
      maxSize: '10mb',
    })
    const sent = JSON.parse(JSON.stringify(token))
    const time = Date.now()
    const inBrowser = await page.page.evaluate(
      async ({ sent, options, time }) => {
        const { url, expiresAt, ...more } = await globalThis.latchkey.presignUrl(sent, {
          ...options,
          now: () => time,
        })
        return { url, expiresAt: expiresAt.getTime(), ...more }
      },
      { sent, options, time },
    )
    const { expiresAt, ...inNode } = await presignUrl(sent, { ...options, now: () => time })
    expect(inBrowser).toEqual({ ...inNode, expiresAt: expiresAt.getTime() })
    if (options.operation === 'put') {
      const answer = await fetch(`${server.origin}${inNode.url}`, {
        method: 'PUT',
        headers: { 'content-type': 'image/png' },
        body: 'x',
      })
      expect(answer.status).toBe(201)
    }
  })
})

const IN_PARTS = { endpoint: '/files', key: 'a.bin', multipart: { threshold: 1, concurrency: 2 } } as const

async function serverFor(options: UploadServerOptions): Promise<UploadServer> {
  const server = await startUploadServer(options)
  onTestFinished(() => server.close())
  return server
}

async function start(options: UploadServerOptions = {}) {
  const server = await serverFor(options)
  return { server, page: await openPage(chromium.browser(), server) }
}
