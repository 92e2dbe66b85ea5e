import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { GateReply, StorageDriver } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { expect, onTestFinished, test } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { jsonOf, latchkeyWith, NOW, post, read, send, textOf, upload } from '../readme/exchange.js'
import { eventsOf, recordEvents } from './recorded.js'

const TIMES = { startedAt: expect.any(Date), durationMs: expect.any(Number) }
const BYTES = 300_000

/** A storage whose bodies come in chunks, and break after some of them where told to. */
function streaming(chunks: readonly number[], breaks = false): StorageDriver {
  const driver = memoryDriver()
  const size = chunks.reduce((sum, chunk) => sum + chunk, 0)
  return Object.assign(driver, {
    stat: async () => ({ size, etag: '"1"', lastModified: new Date(0) }),
    open: async () => ({
      stat: { size: breaks ? size + 1 : size, etag: '"1"', lastModified: new Date(0) },
      async *read() {
        for (const chunk of chunks) yield new Uint8Array(chunk)
        if (breaks) throw new Error('the disk broke')
      },
      close: async () => {},
    }),
  })
}

test('a read is told of when its last byte was taken, and not before', async () => {
  const told = recordEvents()
  const files = latchkeyWith({ storage: streaming([100_000, 200_000]) })
  const reply = await read(files, 'a/b.bin', { subject: 'ada' })
  expect(eventsOf(told, 'served')).toEqual([])
  expect(await textOf(reply)).toHaveLength(BYTES)
  expect(eventsOf(told, 'served')).toEqual([
    {
      method: 'GET',
      key: 'a/b.bin',
      status: 200,
      bytes: BYTES,
      complete: true,
      delivery: 'stream',
      access: 'token',
      keyId: 'k1',
      subject: 'ada',
      ...TIMES,
    },
  ])
})

test('a small object, a HEAD, a 304 and a 206 are told of at once, with the bytes that they send', async () => {
  const files = latchkeyWith()
  const { etag } = (await upload(files, 'a')).headers
  const told = recordEvents()
  const { url } = await files.signedUrl('a')
  const sent = async (method: string, headers: Record<string, string>) =>
    send(files, method, url, { headers })
  await textOf(await sent('GET', {}))
  await textOf(await sent('HEAD', {}))
  await textOf(await sent('GET', { 'if-none-match': String(etag) }))
  await textOf(await sent('GET', { range: 'bytes=1-2' }))
  expect(
    eventsOf(told, 'served').map(({ method, status, bytes, complete }) => [method, status, bytes, complete]),
  ).toEqual([
    ['GET', 200, 5, true],
    ['HEAD', 200, 0, true],
    ['GET', 304, 0, true],
    ['GET', 206, 2, true],
  ])
})

test('a body that breaks is told of with what was sent of it', async () => {
  const told = recordEvents()
  const files = latchkeyWith({ storage: streaming([100_000], true) })
  await expect(textOf(await read(files, 'a'))).rejects.toThrow('the disk broke')
  expect(eventsOf(told, 'served')).toMatchObject([{ status: 200, bytes: 100_000, complete: false }])
})

test('a client that goes away is told of once, whether it has begun or not', async () => {
  const told = recordEvents()
  const files = latchkeyWith({ storage: streaming([100_000, 200_000]) })
  const begun = iteratorOf(await read(files, 'a'))
  await begun.next()
  await begun.return?.()
  await begun.return?.()
  await iteratorOf(await read(files, 'a')).return?.()
  // It took every byte, and asked for nothing behind them.
  const whole = iteratorOf(await read(files, 'a'))
  await whole.next()
  await whole.next()
  await whole.return?.()
  expect(eventsOf(told, 'served').map(({ bytes, complete }) => [bytes, complete])).toEqual([
    [100_000, false],
    [0, false],
    [BYTES, true],
  ])
})

function iteratorOf({ body }: GateReply): AsyncIterator<Uint8Array> {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) throw new Error('no stream')
  return body[Symbol.asyncIterator]()
}

test('without subscribers a body is passed on as the storage gave it', async () => {
  const files = latchkeyWith({ storage: streaming([5]) })
  const before = (await read(files, 'a')).body
  const told = recordEvents()
  const after = (await read(files, 'a')).body
  expect([typeof before, typeof after]).toEqual(['object', 'object'])
  for await (const _ of after as AsyncIterable<Uint8Array>);
  for await (const _ of before as AsyncIterable<Uint8Array>);
  expect(eventsOf(told, 'served')).toHaveLength(1)
})

test('what opened an object is told: a cookie, a token in the path, or nothing', async () => {
  const files = latchkeyWith()
  await upload(files, 'open/a', undefined, { visibility: 'public' })
  await upload(files, 'shut/a')
  const told = recordEvents()
  const cookie = await files.signedCookie('shut/', { subject: 'ada' })
  await send(files, 'GET', '/files/open/a')
  await send(files, 'GET', '/files/shut/a', { headers: { cookie: `${cookie.name}=${cookie.value}` } })
  const tree = await files.signedTreeUrl('shut/', { entry: 'a' })
  await send(files, 'GET', tree.url)
  expect(
    eventsOf(told, 'served').map(({ access, key, keyId, subject }) => [access, key, keyId, subject]),
  ).toEqual([
    ['public', 'open/a', undefined, undefined],
    ['cookie', 'shut/a', 'k1', 'ada'],
    ['token', 'shut/a', 'k1', undefined],
  ])
})

test('a page that asks is no download, and the POST that confirms it is one', async () => {
  const files = latchkeyWith()
  await upload(files, 'a')
  const told = recordEvents()
  const { url } = await files.signedUrl('a', { confirm: true })
  await send(files, 'GET', url, { headers: { 'sec-fetch-mode': 'navigate' } })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  await send(files, 'POST', url, { headers, body: 'confirm=1' })
  expect(eventsOf(told, 'served')).toMatchObject([
    { method: 'GET', delivery: 'page', bytes: 0 },
    { method: 'POST', delivery: 'stream', bytes: 5, status: 200 },
  ])
  const absent = await files.signedUrl('absent', { confirm: true })
  await send(files, 'POST', absent.url, { headers, body: 'confirm=1' })
  expect(eventsOf(told, 'refused')).toMatchObject([{ code: 'not_found', path: '/absent' }])
})

test('who sends the bytes is told: the storage', async () => {
  const storage = Object.assign(memoryDriver(), {
    presigning: { readUrl: async () => 'https://bucket.example/a' },
  })
  const files = latchkeyWith({ storage, delivery: 'redirect' })
  await upload(files, 'a')
  const told = recordEvents()
  await read(files, 'a')
  expect(eventsOf(told, 'served')).toMatchObject([
    { delivery: 'redirect', status: 302, bytes: 0, complete: true },
  ])
})

test('who sends the bytes is told: the web server in front', async () => {
  const driver = memoryDriver()
  const storage: StorageDriver = Object.assign(driver, {
    open: async () => ({
      stat: { size: 5, etag: '"1"', lastModified: new Date(0) },
      file: { root: '/srv', name: 'a' },
      read: async () => new Uint8Array(5),
      close: async () => {},
    }),
  })
  const files = latchkeyWith({ storage, delivery: 'accel', accel: { location: '/protected/' } })
  const told = recordEvents()
  await read(files, 'a')
  expect(eventsOf(told, 'served')).toMatchObject([
    { delivery: 'accel', status: 200, bytes: 0, complete: true },
  ])
})

test('an upload is told of when the app has accepted it', async () => {
  const order: string[] = []
  const files = latchkeyWith({
    onUploadCompleted: () => void order.push('app'),
  })
  const told = recordEvents()
  const listen = () => void order.push('event')
  subscribe('latchkey:received', listen)
  onTestFinished(() => void unsubscribe('latchkey:received', listen))
  const options = { subject: 'ada', allowOverwrite: true }
  await upload(files, 'a', { body: 'hello', headers: { 'content-type': 'text/plain' } }, options)
  await upload(files, 'a', { body: 'you', headers: { 'content-type': 'text/plain' } }, options)
  const stored = {
    key: 'a',
    contentType: 'text/plain',
    multipart: false,
    visibility: 'private',
    keyId: 'k1',
    subject: 'ada',
    ...TIMES,
  }
  expect(eventsOf(told, 'received')).toEqual([
    { ...stored, size: 5, created: true },
    { ...stored, size: 3, created: false },
  ])
  expect(order).toEqual(['app', 'event', 'app', 'event'])
})

test('an upload that is refused or taken back is not told of as stored', async () => {
  const files = latchkeyWith({ onUploadCompleted: () => Promise.reject(new Error('no')), onError: () => {} })
  const told = recordEvents()
  expect((await upload(files, 'a')).status).toBe(500)
  expect((await upload(files, 'a', { body: 'hello' }, { maxSize: 1 })).status).toBe(413)
  expect(told.map(({ name }) => name)).toEqual(['minted', 'refused', 'minted', 'refused'])
  expect(eventsOf(told, 'refused')).toMatchObject([
    { code: 'completion_failed', status: 500, reason: 'onUploadCompleted threw; the upload was taken back' },
    { code: 'too_large', status: 413 },
  ])
})

test('an upload in parts is told of once, when it is complete', async () => {
  const files = latchkeyWith()
  const { url } = await files.signedUploadUrl('a', { subject: 'ada' })
  const told = recordEvents()
  const accept = { accept: 'application/json' }
  const { uploadId } = await jsonOf(await send(files, 'POST', `${url}&uploads`, { headers: accept }))
  const target = `${url}&uploadId=${uploadId}`
  const { etag } = (await send(files, 'PUT', `${target}&partNumber=1`, { body: 'one' })).headers
  for (const status of [201, 201]) {
    expect((await post(files, target, { parts: [{ partNumber: 1, etag }] })).status).toBe(status)
  }
  expect(told.map(({ name }) => name)).toEqual(['received'])
  expect(eventsOf(told, 'received')).toMatchObject([
    { key: 'a', size: 3, created: true, multipart: true, subject: 'ada', keyId: 'k1' },
  ])
})

test('a removal is told of, one of nothing is a refusal', async () => {
  const files = latchkeyWith()
  await upload(files, 'a')
  const { url } = await files.signedUrl('a', { operations: ['delete'], subject: 'ada' })
  const told = recordEvents()
  await send(files, 'DELETE', url)
  await send(files, 'DELETE', url)
  expect(told).toEqual([
    { name: 'removed', event: { key: 'a', keyId: 'k1', subject: 'ada', ...TIMES } },
    {
      name: 'refused',
      event: { method: 'DELETE', path: '/a', status: 404, code: 'not_found', reason: 'not_found', ...TIMES },
    },
  ])
})

test('every refusal is told of once, with its true reason', async () => {
  const files = latchkeyWith({
    ledger: memoryLedger({ now: () => NOW }),
    onError: () => {},
    authorize: () => 'forbidden',
  })
  await upload(files, 'a')
  const { url } = await files.signedUrl('a')
  const tree = await files.signedTreeUrl('b/')
  const cookie = await files.signedCookie('b/', { expiresIn: 60 })
  const told = recordEvents()
  await send(files, 'GET', '/files/a')
  await send(files, 'GET', url.replace('/a', '/c'))
  await send(files, 'GET', `${url}&token=x`)
  await send(files, 'GET', url, { headers: { range: 'bytes=9-' } })
  await send(files, 'GET', '/files/a/%2e%2e/b')
  await send(files, 'PATCH', url)
  await send(files, 'GET', `${tree.url}x`)
  await send(files, 'GET', '/files/c', { headers: { cookie: `${cookie.name}=${cookie.value}` } })
  await post(files, '/files/a/signed-url')
  expect(eventsOf(told, 'refused').map(({ status, code, reason }) => [status, code, reason])).toEqual([
    [403, 'token_required', 'no_token'],
    [403, 'invalid_signature', 'mac_mismatch'],
    [403, 'invalid_signature', 'ambiguous_token'],
    [416, 'range_not_satisfiable', 'range_not_satisfiable'],
    [400, 'invalid_key', 'invalid_key'],
    [405, 'method_not_allowed', 'method_not_allowed'],
    [404, 'not_found', 'not_found'],
    [403, 'invalid_signature', 'scope_mismatch'],
    [403, 'forbidden', 'authorize: forbidden'],
  ])
  expect(told).toHaveLength(9)
  const said = JSON.stringify(told)
  for (const secret of [url.split('token=')[1], cookie.value, tree.url.split('/')[2]]) {
    expect(said).not.toContain(secret)
  }
})

test('a fault of the storage is told of, and its text goes to the app alone', async () => {
  const storage = memoryDriver()
  const { LatchkeyError } = await import('@latchkey/core')
  storage.open = () => Promise.reject(new LatchkeyError('storage_unavailable', 'the bucket is gone'))
  const told = recordEvents()
  const reply = await read(latchkeyWith({ storage, onError: () => {} }), 'a')
  expect(String(reply.body)).not.toContain('bucket')
  expect(eventsOf(told, 'refused')).toMatchObject([
    { status: 503, code: 'storage_unavailable', reason: 'the bucket is gone' },
  ])
})

test('an event comes in the context of its request, also at the end of a stream', async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const channels = ['received', 'served', 'removed', 'refused', 'minted'].map((name) => `latchkey:${name}`)
  const listen = (_: unknown, name: unknown) => void seen.push([name, context.getStore()])
  for (const name of channels) {
    subscribe(name, listen)
    onTestFinished(() => void unsubscribe(name, listen))
  }
  const streams = latchkeyWith({ storage: streaming([5]) })
  const body = iteratorOf(await context.run('a stream', () => read(streams, 'a')))
  await context.run('the connection', async () => {
    await body.next()
    await body.next()
  })
  const files = latchkeyWith()
  await context.run('an upload', () => upload(files, 'a'))
  await context.run('a removal', () => read(files, 'a', { operations: ['delete'] }))
  expect(seen).toEqual([
    ['latchkey:minted', 'a stream'],
    ['latchkey:served', 'a stream'],
    ['latchkey:minted', 'an upload'],
    ['latchkey:received', 'an upload'],
    ['latchkey:minted', 'a removal'],
    ['latchkey:refused', 'a removal'],
  ])
})

test('the times are those of the request', async () => {
  const driver = memoryDriver()
  const slow: StorageDriver = Object.assign(driver, {
    stat: () => new Promise((resolve) => setTimeout(resolve, 40, null)),
  })
  const told = recordEvents()
  const before = Date.now()
  await upload(latchkeyWith({ storage: slow }), 'a')
  const [event] = eventsOf(told, 'received')
  expect(event?.startedAt.getTime()).toBeGreaterThanOrEqual(before)
  expect(event?.startedAt.getTime()).toBeLessThanOrEqual(Date.now() - 39)
  expect(event?.durationMs).toBeGreaterThanOrEqual(39)
  expect(event?.durationMs).toBeLessThanOrEqual(Date.now() - before + 1)
})
