import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  startUpload,
  type UploadOptions,
  type UploadProgress,
  type UploadStorage,
  upload,
} from '@latchkey/client'
import { memoryDriver } from '@latchkey/drivers/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answering, holding, killing, losingAnswers } from './faults.js'
import {
  AUTHORIZATION,
  MB,
  sha256,
  startUploadServer,
  type UploadServer,
  type UploadServerOptions,
} from './upload-server.js'

const QUICK = { baseDelay: 5, maxDelay: 20 }

describe('uploads from Node', () => {
  it('sends a small file with one PUT, and gives what the server measured', async () => {
    const { server, options } = await start()
    const progress: UploadProgress[] = []
    const file = new File(['hello'], 'a.txt', { type: 'text/plain' })
    const stored = await upload(file, {
      ...options,
      key: 'notes/a.txt',
      onProgress: (step) => progress.push(step),
    })
    expect(stored).toEqual({
      key: 'notes/a.txt',
      size: 5,
      contentType: 'text/plain',
      etag: expect.stringMatching(/^".+"$/),
      visibility: 'private',
    })
    expect(server.seen.map(({ what, status }) => `${what} ${status}`)).toEqual(['mint 200', 'put 201'])
    expect(progress).toEqual([
      { loaded: 0, total: 5 },
      { loaded: 5, total: 5 },
    ])
  })

  it('sends an empty file, bytes without a type, and a type of its own', async () => {
    const { options } = await start()
    expect(await upload(new Uint8Array(), { ...options, key: 'empty.txt', multipart: true })).toMatchObject({
      size: 0,
      contentType: 'text/plain; charset=utf-8',
    })
    const typed = { ...options, key: 'b', contentType: 'image/png' }
    expect(await upload(new Uint8Array([1]), typed)).toMatchObject({ contentType: 'image/png' })
  })

  it('sends a large file in parts, four at a time at most', async () => {
    const { server, options } = await start()
    const bytes = randomBytes(6 * MB + 1)
    const progress: number[] = []
    let atOnce = 0
    let most = 0
    server.faults.push(async (what, _request, response) => {
      if (!what.startsWith('part')) return false
      most = Math.max(most, ++atOnce)
      response.on('close', () => atOnce--)
      await sleep(20)
      return false
    })
    const stored = await upload(bytes, {
      ...options,
      key: 'large.bin',
      multipart: { threshold: 6 * MB },
      onProgress: ({ loaded }) => progress.push(loaded),
    })
    expect(stored).toMatchObject({ key: 'large.bin', size: bytes.length })
    expect(await server.digest('large.bin')).toBe(sha256(bytes))
    expect(kinds(server)).toEqual(['mint', ...[1, 2, 3, 4, 5, 6, 7].map((n) => `part ${n}`), 'complete'])
    expect(most).toBe(4)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(bytes.length)
    expect(new Set(progress).size).toBe(8)
  })

  it('sends 100 MiB unharmed through broken connections and refusals', { timeout: 120_000 }, async () => {
    const { server, options } = await start({ multipart: { partSize: 8 * MB } })
    server.faults.push(answering(/^part/, 3, 503, { 'retry-after': '0' }), killing(/^part/, 3, 3 * MB))
    const bytes = randomBytes(100 * MB)
    const stored = await upload(bytes, { ...options, key: 'huge.bin', multipart: {} })
    expect(stored.size).toBe(bytes.length)
    expect(await server.digest('huge.bin')).toBe(sha256(bytes))
    expect(server.statuses(/^part/).filter((status) => status !== 200)).toHaveLength(6)
  })

  it('falls back to one piece where the storage takes no parts, unless parts are a must', async () => {
    const storage = new Proxy(memoryDriver(), {
      get(driver, name) {
        const value: unknown = name === 'multipart' ? undefined : Reflect.get(driver, name)
        return typeof value === 'function' ? value.bind(driver) : value
      },
    })
    const { server, options } = await start({ storage })
    const file = new Uint8Array(2 * MB)
    expect(await upload(file, { ...options, key: 'a', multipart: { threshold: 1 } })).toMatchObject({
      size: 2 * MB,
    })
    await expect(upload(file, { ...options, key: 'b', multipart: true })).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect(kinds(server)).toEqual(['mint', 'mint', 'put', 'mint'])
  })
})

describe('refusals', () => {
  it('gives the server’s code, status and detail, and does not ask again', async () => {
    const { server, options } = await start()
    const refused = upload(new Blob(['a']), { ...options, key: 'a', headers: {} })
    await expect(refused).rejects.toMatchObject({
      name: 'UploadError',
      code: 'unauthorized',
      status: 401,
      detail: 'Valid credentials are required.',
    })
    expect(server.seen).toHaveLength(1)
    await upload(new Blob(['a']), { ...options, key: 'a' })
    await expect(upload(new Blob(['b']), { ...options, key: 'a' })).rejects.toMatchObject({
      code: 'exists',
      status: 409,
    })
  })

  it('says bad_response of what is not Latchkey', async () => {
    const { server, options } = await start()
    const elsewhere = { ...options, endpoint: server.origin }
    await expect(upload(new Blob(['a']), elsewhere)).rejects.toMatchObject({
      code: 'bad_response',
      status: 404,
    })
  })

  it('says network where nobody answers, after the retries', async () => {
    const { server, options } = await start()
    await server.close()
    await expect(upload(new Blob(['a']), options)).rejects.toMatchObject({
      code: 'network',
      status: undefined,
    })
  })

  it('asks for the headers anew for every request to mint', async () => {
    const { server, options } = await start()
    let asked = 0
    server.faults.push(answering(/mint/, 1, 503))
    const headers = async () => {
      asked++
      return { authorization: AUTHORIZATION }
    }
    await upload(new Blob(['a']), { ...options, headers, key: 'a' })
    expect(asked).toBe(2)
  })
})

describe('retries', () => {
  it.each([408, 429, 500, 502, 503, 504])('repeats after %i', async (status) => {
    const { server, options } = await start()
    server.faults.push(answering(/put|mint/, 2, status))
    await upload(new Blob(['a']), { ...options, key: 'a' })
    expect(server.statuses(/./)).toEqual([status, status, 200, 201])
  })

  it('repeats as often as told, and each request by itself', async () => {
    const { server, options } = await start()
    server.faults.push(answering(/put/, 3, 503))
    const retries = { limit: 2, ...QUICK }
    await expect(upload(new Blob(['a']), { ...options, key: 'a', retries })).rejects.toMatchObject({
      status: 503,
    })
    expect(server.statuses(/put/)).toEqual([503, 503, 503])
  })

  it('waits as long as Retry-After says', async () => {
    const { server, options } = await start()
    server.faults.push(answering(/put/, 1, 429, { 'retry-after': '1' }))
    const before = Date.now()
    await upload(new Blob(['a']), { ...options, key: 'a' })
    expect(Date.now() - before).toBeGreaterThanOrEqual(1000)
  })

  it('does not wait for a server that wants hours', async () => {
    const { server, options } = await start()
    server.faults.push(answering(/put/, 1, 503, { 'retry-after': '7200' }))
    await expect(upload(new Blob(['a']), { ...options, key: 'a' })).rejects.toMatchObject({
      status: 503,
      retryAfter: 7_200_000,
    })
  })

  it('says unconfirmed, not exists, where its own attempt may be what is there', async () => {
    const { server, options } = await start()
    server.faults.push(losingAnswers(/put/, 1))
    await expect(upload(new Blob(['a']), { ...options, key: 'a' })).rejects.toMatchObject({
      code: 'unconfirmed',
      status: 409,
    })
    expect(server.statuses(/put/)).toEqual([0, 409])
    expect(await server.digest('a')).toBe(sha256(Buffer.from('a')))
  })

  it('is sure of an upload in parts whose last answer was lost', async () => {
    const { server, options } = await start()
    server.faults.push(losingAnswers(/complete/, 2))
    const stored = await upload(new Uint8Array(2 * MB), { ...options, key: 'a', multipart: true })
    expect(stored).toMatchObject({ key: 'a', size: 2 * MB })
    expect(server.statuses(/complete/)).toEqual([0, 0, 201])
  })

  it('goes back honestly with the progress of a part that is sent again', async () => {
    const { server, options } = await start()
    server.faults.push(answering(/part 2/, 1, 503))
    const progress: number[] = []
    await upload(new Uint8Array(3 * MB), {
      ...options,
      multipart: { threshold: 1, concurrency: 1 },
      key: 'a',
      onProgress: ({ loaded, total }) => {
        expect(total).toBe(3 * MB)
        progress.push(loaded)
      },
    })
    expect(progress).toEqual([0, MB, 2 * MB, 3 * MB])
  })
})

describe('URLs that expire', () => {
  it('asks for another one in the middle of an upload, once for all parts', async () => {
    const { server, options } = await start()
    let done = 0
    server.faults.push((what) => {
      if (what.startsWith('part') && ++done === 4) server.elapse(61_000)
      return false
    })
    const bytes = randomBytes(8 * MB)
    await upload(bytes, { ...options, key: 'a', multipart: { threshold: 1, concurrency: 2 } })
    expect(await server.digest('a')).toBe(sha256(bytes))
    expect(server.statuses(/mint/)).toEqual([200, 200])
    expect(server.statuses(/part/).filter((status) => status === 403).length).toBeGreaterThan(0)
    expect(server.statuses(/part/).filter((status) => status === 200)).toHaveLength(8)
  })

  it('asks for another one for a file in one piece', async () => {
    const { server, options } = await start()
    let times = 0
    server.faults.push((what) => {
      if (what === 'put' && times++ === 0) server.elapse(61_000)
      return false
    })
    await upload(new Blob(['a']), { ...options, key: 'a' })
    expect(server.statuses(/./)).toEqual([200, 403, 200, 201])
  })

  it('begins anew, once, where the whole upload has expired', async () => {
    const { server, options } = await start()
    let times = 0
    server.faults.push((what) => {
      if (what === 'part 3' && times++ === 0) server.elapse(25 * 3600 * 1000)
      return false
    })
    const bytes = randomBytes(4 * MB)
    await upload(bytes, { ...options, key: 'a', multipart: { threshold: 1, concurrency: 1 } })
    expect(await server.digest('a')).toBe(sha256(bytes))
    expect(kinds(server).filter((what) => what.startsWith('part'))).toHaveLength(2 + 1 + 4)
  })
})

describe('pause, resume and abort', () => {
  it('sends nothing while paused, and only the rest after it', async () => {
    const { server, options } = await start()
    const gate = holding(/part [34]/)
    server.faults.push(gate.fault)
    const bytes = randomBytes(5 * MB)
    const task = startUpload(bytes, { ...options, key: 'a', multipart: { threshold: 1, concurrency: 2 } })
    await gate.held
    await expect.poll(() => server.statuses(/part [12]/)).toEqual([200, 200])
    task.pause()
    expect(task.paused).toBe(true)
    await sleep(100)
    const before = server.seen.length
    gate.release()
    await sleep(100)
    expect(server.seen).toHaveLength(before)
    task.resume()
    await task.done
    expect(await server.digest('a')).toBe(sha256(bytes))
    expect(kinds(server).filter((what) => what === 'part 1' || what === 'part 2')).toHaveLength(2)
  })

  it('pauses before the first request, and a file in one piece', async () => {
    const { server, options } = await start()
    const gate = holding(/put/)
    server.faults.push(gate.fault)
    const task = startUpload(new Blob(['abc']), { ...options, key: 'a' })
    task.pause()
    await sleep(50)
    expect(server.seen).toEqual([])
    task.resume()
    await gate.held
    task.pause()
    gate.release()
    await sleep(50)
    task.resume()
    await Promise.allSettled([task.done])
    expect(await server.digest('a')).toBe(sha256(Buffer.from('abc')))
  })

  it.each(['abort()', 'the signal'])('%s leaves nothing on the server', async (way) => {
    const { server, options } = await start()
    const gate = holding(/part 3/)
    server.faults.push(gate.fault)
    const controller = new AbortController()
    const task = startUpload(randomBytes(6 * MB), {
      ...options,
      key: 'a',
      multipart: true,
      signal: controller.signal,
    })
    await gate.held
    if (way === 'abort()') task.abort()
    else controller.abort(new Error('enough'))
    gate.release()
    await expect(task.done).rejects.toMatchObject({ code: 'aborted' })
    expect(server.statuses(/abort/)).toEqual([204])
    await expect.poll(() => server.onDisk()).toEqual([])
  })

  it('removes an upload that began after it was aborted', async () => {
    const { server, options } = await start()
    const gate = holding(/mint/)
    server.faults.push(gate.fault)
    const task = startUpload(randomBytes(2 * MB), { ...options, key: 'a', multipart: true })
    await gate.held
    task.abort()
    gate.release()
    await expect(task.done).rejects.toMatchObject({ code: 'aborted' })
    expect(kinds(server)).toEqual(['mint', 'abort'])
    expect(await server.onDisk()).toEqual([])
  })

  it('removes what was sent when it is aborted while paused, and after its URL has expired', async () => {
    const { server, options } = await start()
    const gate = holding(/part 3/)
    server.faults.push(gate.fault)
    const task = startUpload(randomBytes(4 * MB), { ...options, key: 'a', multipart: true })
    await gate.held
    task.pause()
    server.elapse(61_000)
    task.abort()
    gate.release()
    await expect(task.done).rejects.toMatchObject({ code: 'aborted' })
    expect(server.statuses(/abort/)).toEqual([403, 204])
    await expect.poll(() => server.onDisk()).toEqual([])
  })

  it('sends nothing for a signal that was aborted before', async () => {
    const { server, options } = await start()
    const refused = upload(new Blob(['a']), { ...options, signal: AbortSignal.abort() })
    await expect(refused).rejects.toMatchObject({ code: 'aborted' })
    expect(server.seen).toEqual([])
  })

  it('breaks off the other parts where one fails for good', async () => {
    const { server, options } = await start()
    const gate = holding(/part 2/)
    server.faults.push(gate.fault, answering(/part 1/, 1, 403))
    const multipart = { threshold: 1, concurrency: 2 }
    const refused = upload(randomBytes(8 * MB), { ...options, key: 'a', multipart })
    await expect(refused).rejects.toMatchObject({ status: 403 })
    gate.release()
    await sleep(100)
    expect(new Set(kinds(server))).toEqual(new Set(['mint', 'part 1', 'part 2', 'abort']))
  })

  it('removes what was sent after a failure for good', async () => {
    const { server, options } = await start()
    server.faults.push(answering(/part 2/, 1, 403))
    const refused = upload(randomBytes(4 * MB), { ...options, key: 'a', multipart: true })
    await expect(refused).rejects.toMatchObject({ code: 'bad_response', status: 403 })
    expect(kinds(server).at(-1)).toBe('abort')
    await expect.poll(() => server.onDisk()).toEqual([])
  })
})

describe('going on with an upload that was left', () => {
  it('sends only what is missing', async () => {
    const { server, options } = await start()
    const bytes = randomBytes(6 * MB)
    await leaveHalfWay(server, bytes, options)
    const before = server.seen.length
    await upload(fileOf(bytes), options)
    expect(server.seen.slice(before).map(({ what }) => what)).toEqual([
      'mint',
      'list',
      'part 4',
      'part 5',
      'part 6',
      'complete',
    ])
    expect(await server.digest('a')).toBe(sha256(bytes))
    expect(options.storage.texts.size).toBe(0)
  })

  it('takes another file, key or payload for another upload', async () => {
    const { server, options } = await start()
    const bytes = randomBytes(6 * MB)
    await leaveHalfWay(server, bytes, options)
    const [name = ''] = options.storage.texts.keys()
    const others = [
      [new File([bytes], 'b.bin', { lastModified: 1 }), options],
      [new File([bytes], 'a.bin', { lastModified: 2 }), options],
      [new File([bytes.subarray(1)], 'a.bin', { lastModified: 1 }), options],
      [fileOf(bytes), { ...options, key: 'b' }],
      [fileOf(bytes), { ...options, payload: 'p' }],
    ] as const
    for (const [file, itsOptions] of others) {
      const task = startUpload(file, itsOptions)
      task.pause()
      await sleep(5)
      expect(options.storage.asked.at(-1) ?? '').not.toBe(name)
      task.abort()
      await expect(task.done).rejects.toMatchObject({ code: 'aborted' })
    }
  })

  it('begins anew where the server knows it no longer, and where nonsense is remembered', async () => {
    const { server, options } = await start()
    const bytes = randomBytes(6 * MB)
    await leaveHalfWay(server, bytes, options)
    server.elapse(25 * 3600 * 1000)
    await upload(fileOf(bytes), options)
    expect(await server.digest('a')).toBe(sha256(bytes))
    for (const nonsense of ['{', '[]', '7', '{"key":"a","uploadId":"x","partSize":1048576}']) {
      await server.files.storage.delete('a')
      await leaveHalfWay(server, bytes, options)
      for (const name of options.storage.texts.keys()) options.storage.texts.set(name, nonsense)
      await upload(fileOf(bytes), options)
      expect(await server.digest('a')).toBe(sha256(bytes))
      expect(options.storage.texts.size).toBe(0)
    }
  })

  it('gets the answer of a completion that it was too late for', async () => {
    const { server, options } = await start()
    const bytes = randomBytes(3 * MB)
    server.faults.push(losingAnswers(/complete/, 1))
    const lost = upload(fileOf(bytes), { ...options, retries: 0 })
    await expect(lost).rejects.toMatchObject({ code: 'network' })
    const before = server.seen.length
    expect(await upload(fileOf(bytes), options)).toMatchObject({ key: 'a', size: 3 * MB })
    expect(server.seen.slice(before).map(({ what }) => what)).toEqual(['mint', 'complete'])
  })

  it('keeps two uploads of one file at the same time apart', async () => {
    const { server, options } = await start()
    const file = fileOf(randomBytes(3 * MB))
    const authorized = { ...options, multipart: true as const }
    const results = await Promise.allSettled([upload(file, authorized), upload(file, authorized)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'exists' } })
    expect(await server.digest('a')).toBe(sha256(new Uint8Array(await file.arrayBuffer())))
  })

  it('forgets what was aborted, and uploads though its storage is broken', async () => {
    const { options } = await start()
    const broken = {
      getItem: () => Promise.reject(new Error('no')),
      setItem() {
        throw new Error('full')
      },
      removeItem() {
        throw new Error('no')
      },
    }
    const file = fileOf(randomBytes(2 * MB))
    expect(await upload(file, { ...options, storage: broken })).toMatchObject({ size: 2 * MB })
  })
})

interface TestStorage extends UploadStorage {
  readonly texts: Map<string, string>
  readonly asked: string[]
}

async function start(
  options?: UploadServerOptions,
): Promise<{ server: UploadServer; options: UploadOptions & { storage: TestStorage } }> {
  const server = await startUploadServer(options)
  onTestFinished(() => server.close())
  const texts = new Map<string, string>()
  const asked: string[] = []
  const storage: TestStorage = {
    texts,
    asked,
    getItem(name) {
      asked.push(name)
      return texts.get(name) ?? null
    },
    setItem: async (name, value) => void texts.set(name, value),
    removeItem: (name) => void texts.delete(name),
  }
  return {
    server,
    options: {
      endpoint: server.endpoint,
      headers: { authorization: AUTHORIZATION },
      retries: QUICK,
      storage,
      key: 'a',
      multipart: { threshold: 2 * MB, concurrency: 1 },
    },
  }
}

function fileOf(bytes: Uint8Array<ArrayBuffer>): File {
  return new File([bytes], 'a.bin', { lastModified: 1 })
}

/** As a page that is closed after three parts: its requests end, and nobody tidies up. */
async function leaveHalfWay(
  server: UploadServer,
  bytes: Uint8Array<ArrayBuffer>,
  options: UploadOptions,
): Promise<void> {
  const failing = answering(/part 4/, 1, 503)
  server.faults.push(failing)
  await expect(upload(fileOf(bytes), { ...options, retries: 0 })).rejects.toMatchObject({ status: 503 })
}

function kinds(server: UploadServer): string[] {
  return server.seen.map(({ what }) => what)
}
