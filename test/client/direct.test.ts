import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { startUpload, upload } from '@latchkey/client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { throttleUploads, useChromium } from '../browser/chromium-session.js'
import { bucketCors } from '../direct/bucket-cors.js'
import { type S3Storage, s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { answering, losingAnswers } from './faults.js'
import { openPage } from './upload-page.js'
import {
  AUTHORIZATION,
  MB,
  sha256,
  startUploadServer,
  type UploadServer,
  type UploadServerOptions,
} from './upload-server.js'

const radosgw = useRadosgw()
const chromium = useChromium()
const WHOLE = ['mint 200', 'post 200', 'complete 201']

async function start(
  options: UploadServerOptions = {},
): Promise<{ server: UploadServer; bucket: S3Storage }> {
  const bucket = await s3Storage(radosgw(), { getSignedUrl, ownBucket: true })
  onTestFinished(() => bucket.close())
  const server = await startUploadServer({
    storage: bucket.driver,
    uploads: 'direct',
    multipart: { partSize: 5 * MB },
    ...options,
  })
  onTestFinished(() => server.close())
  return { server, bucket }
}

const optionsFor = ({ endpoint }: UploadServer) => ({
  endpoint,
  key: 'a.bin',
  headers: { authorization: AUTHORIZATION },
  retries: { baseDelay: 5, maxDelay: 20 },
  storage: null,
})

const seen = (server: UploadServer) => server.seen.map(({ what, status }) => `${what} ${status}`)

/** What lies in the driver's own folder, but for the results of completed uploads. */
const staged = async ({ names }: S3Storage) =>
  (await names('.latchkey/')).filter((name) => !name.endsWith('/s/1'))

/** Spoils what Node sends to the store itself. */
function spoilPuts(spoil: (attempt: number) => Response | undefined): { attempts(): number } {
  const { fetch } = globalThis
  let attempts = 0
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (!String(input).startsWith(radosgw().url)) return fetch(input, init)
    const spoilt = spoil(++attempts)
    return spoilt ?? fetch(input, init)
  })
  onTestFinished(() => spy.mockRestore())
  return { attempts: () => attempts }
}

describe('uploads from Node to the bucket', { timeout: 60_000 }, () => {
  it('need no option', async () => {
    const { server, bucket } = await start()
    const bytes = randomBytes(3 * MB)
    const progress: number[] = []
    const stored = await upload(new Blob([bytes], { type: 'image/png' }), {
      ...optionsFor(server),
      onProgress: ({ loaded }) => progress.push(loaded),
    })
    expect(stored).toMatchObject({ key: 'a.bin', size: 3 * MB, contentType: 'image/png' })
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect([progress[0], progress.at(-1)]).toEqual([0, 3 * MB])
    expect(seen(server)).toEqual(WHOLE)
    // The app saw nothing but small requests.
    expect(Math.max(...server.seen.map((request) => request.bytes))).toBeLessThan(1000)
    expect(await staged(bucket)).toEqual([])
  })

  it('take an empty file, and one without a type', async () => {
    const { server } = await start()
    expect(await upload(new Blob([]), { ...optionsFor(server), key: 'empty' })).toMatchObject({ size: 0 })
    expect(await upload(new Uint8Array(5), { ...optionsFor(server), key: 'a.png' })).toMatchObject({
      size: 5,
      contentType: 'image/png',
    })
  })

  it('repeat what fails for a moment, each time at a fresh URL', async () => {
    const { server } = await start()
    const bytes = randomBytes(MB)
    const spoilt = spoilPuts((attempt) => {
      if (attempt === 1) throw new TypeError('fetch failed')
      return attempt === 2 ? new Response('<Error><Code>SlowDown</Code></Error>', { status: 503 }) : undefined
    })
    server.faults.push(losingAnswers(/^post/, 1), answering(/^sign/, 1, 503), losingAnswers(/complete/, 1))
    expect(await upload(bytes, optionsFor(server))).toMatchObject({ size: MB })
    expect(spoilt.attempts()).toBe(3)
    expect(server.statuses(/^sign/).filter((status) => status === 200)).toHaveLength(2)
    // Its first answer was lost, and it is one upload all the same.
    expect(server.statuses(/complete/)).toEqual([0, 201])
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('ask for another URL where one expires', async () => {
    const { server } = await start()
    spoilPuts(() => void server.elapse(61_000))
    server.faults.push((what) => {
      if (what === 'post' && server.seen.length === 2) server.elapse(61_000)
      return false
    })
    expect(await upload(randomBytes(100), optionsFor(server))).toMatchObject({ size: 100 })
    expect(seen(server)).toEqual([
      'mint 200',
      'post 403',
      'mint 200',
      'post 200',
      'complete 403',
      'mint 200',
      'complete 201',
    ])
  })

  it('leave nothing when the store refuses, or they are aborted', async () => {
    const { server, bucket } = await start()
    const spoilt = spoilPuts(() => new Response('<Error/>', { status: 403 }))
    await expect(upload(randomBytes(100), optionsFor(server))).rejects.toMatchObject({
      code: 'bad_response',
      status: 403,
    })
    expect([spoilt.attempts(), seen(server).at(-1)]).toEqual([1, 'abort 204'])
    vi.restoreAllMocks()
    const task = startUpload(randomBytes(100), {
      ...optionsFor(server),
      onProgress: ({ loaded }) => loaded === 0 && setTimeout(() => task.abort()),
    })
    await expect(task.done).rejects.toMatchObject({ code: 'aborted' })
    expect([seen(server).at(-1), await staged(bucket)]).toEqual(['abort 204', []])
  })

  it('go in parts where they are large, and on where they were left', async () => {
    const { server, bucket } = await start()
    const bytes = randomBytes(12 * MB)
    const file = new File([bytes], 'a.bin', { lastModified: 1 })
    const texts = new Map<string, string>()
    const options = {
      ...optionsFor(server),
      multipart: { threshold: 5 * MB, concurrency: 1, partSize: 6 * MB },
      storage: {
        getItem: (name: string) => texts.get(name) ?? null,
        setItem: (name: string, value: string) => void texts.set(name, value),
        removeItem: (name: string) => void texts.delete(name),
      },
    }
    const spoilt = spoilPuts((attempt) => (attempt === 2 ? new Response('', { status: 503 }) : undefined))
    await expect(upload(file, { ...options, retries: 0 })).rejects.toMatchObject({ status: 503 })
    const before = server.seen.length
    expect(await upload(file, options)).toMatchObject({ size: 12 * MB })
    // The parts are of the size that the server says, and one of them was there.
    expect(seen(server).slice(before)).toEqual([
      'mint 200',
      'list 200',
      'sign 2 200',
      'sign 3 200',
      'complete 201',
    ])
    expect(spoilt.attempts()).toBe(4)
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect([texts.size, await staged(bucket), await bucket.leftovers()]).toEqual([
      0,
      [],
      expect.not.arrayContaining([expect.stringContaining('unfinished')]),
    ])
  })

  it.each(['exists', 'completion_failed'])('tell why the server refuses: %s', async (code) => {
    const onUploadCompleted = () => {
      if (code === 'completion_failed') throw new Error('no')
    }
    const { server, bucket } = await start({ onUploadCompleted })
    if (code === 'exists') await upload(randomBytes(5), optionsFor(server))
    await expect(upload(randomBytes(5), optionsFor(server))).rejects.toMatchObject({ code })
    expect(await staged(bucket)).toEqual([])
  })
})

describe('uploads from a page to the bucket', { timeout: 90_000 }, () => {
  const bytes = randomBytes(8 * MB)
  let folder: string
  let path: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-direct-'))
    path = join(folder, 'photo.bin')
    await writeFile(path, bytes)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const letIn = async ({ client, bucket }: S3Storage, { origin }: UploadServer) => {
    const CORSConfiguration = bucketCors(origin)
    await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }))
  }

  it('say how far they are while the bytes go out', async () => {
    const { server, bucket } = await start()
    await letIn(bucket, server)
    const page = await openPage(chromium.browser(), server)
    await throttleUploads(page.page, 4 * MB)
    const stored = await page.upload(path, { endpoint: '/files', key: 'a.bin', multipart: false })
    expect(stored).toMatchObject({ key: 'a.bin', size: bytes.length, visibility: 'private' })
    const progress = await page.progress()
    const between = new Set(progress.filter((loaded) => loaded > 0 && loaded < bytes.length))
    expect(between.size).toBeGreaterThanOrEqual(8)
    expect([progress, progress.at(-1)]).toEqual([[...progress].sort((a, b) => a - b), bytes.length])
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
    expect(seen(server)).toEqual(WHOLE)
  })

  it('leave nothing when they are aborted, and go on after a pause', async () => {
    const { server, bucket } = await start()
    await letIn(bucket, server)
    const page = await openPage(chromium.browser(), server)
    await throttleUploads(page.page, 4 * MB)
    const options = { endpoint: '/files', key: 'a.bin', multipart: false } as const
    await page.start(path, options)
    await page.sent(2 * MB)
    await page.act('abort')
    expect(await page.result()).toMatchObject({ code: 'aborted' })
    expect([server.statuses(/abort/), await staged(bucket)]).toEqual([[204], []])
    await page.start(path, options)
    await page.sent(2 * MB)
    await page.act('pause')
    await page.act('resume')
    expect(await page.result()).toMatchObject({ size: bytes.length })
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('go in parts, and leave nothing when they are aborted', async () => {
    const { server, bucket } = await start()
    await letIn(bucket, server)
    const page = await openPage(chromium.browser(), server)
    await throttleUploads(page.page, 4 * MB)
    const options = { endpoint: '/files', key: 'a.bin', multipart: { threshold: MB } }
    await page.start(path, options)
    await page.sent(3 * MB)
    await page.act('abort')
    expect(await page.result()).toMatchObject({ code: 'aborted' })
    expect([server.statuses(/abort/), await bucket.leftovers(), await staged(bucket)]).toEqual([
      [204],
      [],
      [],
    ])
    const before = server.seen.length
    expect(await page.upload(path, options)).toMatchObject({ size: bytes.length })
    expect(seen(server).slice(before).sort()).toEqual([
      'complete 201',
      'mint 200',
      'sign 1 200',
      'sign 2 200',
    ])
    expect(await server.digest('a.bin')).toBe(sha256(bytes))
  })

  it('cannot tell a bucket without CORS rules from a network that is down', async () => {
    const { server } = await start()
    const page = await openPage(chromium.browser(), server)
    const options = { endpoint: '/files', key: 'a.bin', multipart: false, retries: 0 } as const
    expect(await page.upload(path, options)).toEqual({ code: 'network' })
    expect(seen(server).at(-1)).toBe('abort 204')
  })
})
