import { expect, test } from 'vitest'
import { createLatchkey } from '../../src/index.js'
import { answerOf, mount, post, storageOf } from './mount.js'

const ROUTES = ['/a.txt/signed-url', '/signed-urls', '/signed-uploads', '/signed-requests']

const closed = createLatchkey({
  baseUrl: '/files',
  keys: [{ id: 'k1', secret: 's'.repeat(32) }],
  storage: storageOf('a.txt'),
  cors: { origins: '*' },
})

function options(path: string) {
  const fields: Record<string, string> = {
    origin: 'https://other.example',
    'access-control-request-method': 'POST',
  }
  return {
    method: 'OPTIONS',
    path,
    header: (name: string) => fields[name],
    body: null,
    bodyAlreadyRead: false,
  }
}

test.each(ROUTES)('without authorize %s does not exist', async (path) => {
  const { status, headers, json } = await answerOf(closed, post(path, {}))
  expect([status, json.code]).toEqual([405, 'method_not_allowed'])
  expect(headers.allow).not.toContain('POST')
  const preflight = await answerOf(closed, options(path))
  expect(preflight.headers.allow).not.toContain('POST')
  expect(preflight.headers['access-control-allow-methods']).not.toContain('POST')
  expect(preflight.headers['access-control-allow-headers']).not.toContain('Authorization')
})

test.each(ROUTES)('with authorize OPTIONS of %s says so', async (path) => {
  const { files } = mount(() => ({}), { cors: { origins: '*' } })
  const { headers } = await answerOf(files, options(path))
  expect(headers.allow).toBe('GET, HEAD, PUT, DELETE, POST, OPTIONS')
  expect(headers['access-control-allow-methods']).toContain('POST')
  expect(headers['access-control-allow-headers']).toMatch(/^Authorization, /)
})

test.each(ROUTES)('%s refuses other methods with Allow', async (path) => {
  const { files } = mount(() => ({}))
  const { status, headers } = await answerOf(files, { ...post(path), method: 'PATCH' })
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD, PUT, DELETE, POST, OPTIONS'])
})

test.each([
  '/a.txt',
  '/signed-url',
  '/signed-urls/',
  '/SIGNED-URLS',
  '/signed%2Durls',
  '/a.txt/signed%2durl',
  '/a.txt/signed-url/',
  '/x/signed-urls',
])('a POST to %s is no minting route', async (path) => {
  const { files, asked } = mount(() => ({}))
  const { status, headers } = await answerOf(files, post(path, {}))
  expect([400, 405]).toContain(status)
  if (status === 405) expect(headers.allow).toBe('GET, HEAD, PUT, DELETE, OPTIONS')
  expect(asked).toEqual([])
})

test('GET of a path that ends like a route is a GET like any other', async () => {
  const { files, asked } = mount(() => ({}))
  const { status, json } = await answerOf(files, { ...post('/a.txt/signed-url'), method: 'GET' })
  expect([status, json.code]).toEqual([403, 'token_required'])
  expect(asked).toEqual([])
})

test.each([
  ['/dir/b.txt/signed-url', 'dir/b.txt'],
  ['/dir/b%2Etxt/signed-url?x=1', 'dir/b.txt'],
  ['/signed-url/signed-url', 'signed-url'],
  ['/a%20%2B+b/signed-url', 'a ++b'],
  [`/${'k'.repeat(1024)}/signed-url`, 'k'.repeat(1024)],
])('POST %s is about one key', async (path, key) => {
  const { files, asked } = mount(() => 'not_found')
  expect((await answerOf(files, post(path))).status).toBe(404)
  expect(asked).toEqual([{ operation: 'get', key }])
})

test.each([
  '//signed-url',
  '/a//signed-url',
  '/../signed-url',
  '/%2e%2e/signed-url',
  '/a%2Fb/signed-url',
  '/%ff/signed-url',
])('POST %s names no key', async (path) => {
  const { files, asked } = mount(() => ({}))
  const { status, json } = await answerOf(files, post(path))
  expect([status, json.code]).toEqual([400, 'invalid_key'])
  expect(asked).toEqual([])
})

test('an upload in parts to a key that ends like a route is none', async () => {
  const multipart = { ...storageOf('a.txt'), multipart: {} as never }
  const { files, asked } = mount(() => ({}), { storage: multipart })
  for (const query of ['uploads', 'uploadId=x', 'x=1&uploads=']) {
    const { status } = await answerOf(files, post(`/a.txt/signed-url?${query}`))
    expect(status).toBe(403)
  }
  expect(asked).toEqual([])
})

test("the adapter's hook wins over the mount's", async () => {
  const { files, asked } = mount(() => ({}))
  const request = { ...post('/a.txt/signed-url'), authorize: () => 'forbidden' as const }
  expect((await answerOf(files, request)).status).toBe(403)
  expect(asked).toEqual([])
  const opened = await answerOf(closed, { ...post('/a.txt/signed-url'), authorize: () => ({}) })
  expect(opened.status).toBe(200)
})

test.each([null, true, {}, 'x'])('authorize %j is refused when the Latchkey is created', (authorize) => {
  expect(() => mount(() => ({}), { authorize: authorize as never })).toThrow(/authorize/)
})
