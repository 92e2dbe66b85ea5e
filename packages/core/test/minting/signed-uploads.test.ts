import { expect, test } from 'vitest'
import { answerOf, grantOf, lifeOf, mount, NOW, post } from './mount.js'

const PATH = '/signed-uploads'

async function granted(limits: unknown, wish: unknown) {
  const { json } = await answerOf(mount(() => limits).files, post(PATH, wish))
  return grantOf(json.url, json.key, 'put')
}

test('the answer says how to upload, and where to', async () => {
  const { files, asked } = mount(() => ({ expiresIn: 60 }))
  const wish = { key: 'new.png', contentType: 'image/png', size: 5, payload: 'p' }
  const { status, json } = await answerOf(files, post(PATH, wish))
  expect(status).toBe(200)
  expect(json).toEqual({
    key: 'new.png',
    url: expect.stringMatching(/^https:\/\/app\.example\.com\/files\/new\.png\?token=/),
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    expires_at: new Date(NOW + 60_000).toISOString(),
  })
  expect(asked).toEqual([{ operation: 'put', multipart: false, ...wish }])
  expect(await grantOf(json.url, 'new.png', 'put')).toMatchObject({
    operations: ['put'],
    allowedTypes: ['image/png'],
    maxSize: 5,
    payload: 'p',
    write: { create: true, replace: 'none' },
    visibility: 'private',
  })
})

test('the app may choose the key, and must where the client names none', async () => {
  const { files } = mount(() => ({ key: 'u/7/x' }))
  for (const wish of [{}, { key: 'elsewhere' }]) {
    const { json } = await answerOf(files, post(PATH, wish))
    expect(json.key).toBe('u/7/x')
    expect(await grantOf(json.url, 'u/7/x', 'put')).toBeDefined()
  }
  const keyless = mount(() => ({}))
  expect((await answerOf(keyless.files, post(PATH, {}))).json.code).toBe('bad_request')
  expect(keyless.faults).toEqual([])
})

test('a random suffix is added at once', async () => {
  const { files } = mount(() => ({ addRandomSuffix: true }))
  const { json } = await answerOf(files, post(PATH, { key: 'a.png' }))
  expect(json.key).toMatch(/^a-[\w-]{22}\.png$/)
  expect(await grantOf(json.url, json.key, 'put')).toMatchObject({ addRandomSuffix: false })
  expect(await grantOf(json.url, 'a.png', 'put')).toBeUndefined()
})

test.each([
  [{}, {}, undefined],
  [{}, { contentType: 'text/plain; charset=utf-8' }, ['text/plain']],
  [{}, { contentType: '' }, undefined],
  [{ allowedTypes: ['image/*'] }, {}, ['image/*']],
  [{ allowedTypes: ['image/*'] }, { contentType: 'image/png' }, ['image/*']],
])('limits %j and the wish %j allow the types %j', async (limits, wish, types) => {
  expect((await granted(limits, { key: 'k', ...wish }))?.allowedTypes).toEqual(types)
})

test.each([
  [{}, {}, undefined],
  [{}, { size: 0 }, 0],
  [{ maxSize: '1kb' }, {}, 1024],
  [{ maxSize: '1kb' }, { size: 10 }, 10],
  [{ maxSize: '1kb' }, { size: 1024 }, 1024],
])('limits %j and the wish %j allow %s bytes', async (limits, wish, bytes) => {
  expect((await granted(limits, { key: 'k', ...wish }))?.maxSize).toBe(bytes)
})

test.each([
  [{ maxSize: 1024 }, { size: 1025 }, 413, 'too_large'],
  [{}, { size: 5 * 1024 ** 3 + 1 }, 413, 'too_large'],
  [{ allowedTypes: ['image/*'] }, { contentType: 'text/html' }, 415, 'type_not_allowed'],
  [{ allowedTypes: [] }, { contentType: 'image/png' }, 415, 'type_not_allowed'],
])('limits %j refuse the wish %j with %i', async (limits, wish, status, code) => {
  const { files, faults } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, { key: 'k', ...wish }))
  expect([json.status, json.code, faults]).toEqual([status, code, []])
})

test("the app's payload wins, and a life is narrowed", async () => {
  expect((await granted({ payload: 'app' }, { key: 'k', payload: 'client' }))?.payload).toBe('app')
  expect(lifeOf(await granted({ expiresIn: 60 }, { key: 'k', expiresIn: 600 }))).toBe(60)
  expect(lifeOf(await granted({ expiresIn: 60 }, { key: 'k', expiresIn: 6 }))).toBe(6)
})

test.each<[string, unknown]>([
  ['a key that is no text', { key: 5 }],
  ['a null key', { key: null }],
  ['a bad type', { key: 'k', contentType: 'image/png, text/html' }],
  ['a type that is no text', { key: 'k', contentType: 5 }],
  ['a negative size', { key: 'k', size: -1 }],
  ['a fractional size', { key: 'k', size: 1.5 }],
  ['a size in words', { key: 'k', size: '5mb' }],
  ['an infinite size', '{"key":"k","size":1e999}'],
  ['an empty payload', { key: 'k', payload: '' }],
  ['a payload of 2049 bytes', { key: 'k', payload: 'x'.repeat(2049) }],
  ['a payload with a lone surrogate', '{"key":"k","payload":"\\udc00"}'],
  ['multipart in words', { key: 'k', multipart: 'true' }],
  ['snake case', { key: 'k', content_type: 'image/png' }],
  ['limits of its own', { key: 'k', allowOverwrite: true }],
  ['a life of 0', { key: 'k', expiresIn: 0 }],
])('%s is 400', async (_name, body) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post(PATH, body))
  expect([json.status, json.code, asked]).toEqual([400, 'bad_request', []])
})

test.each(['', '/a', 'a/', 'a//b', '.', 'a/../b', 'a\\b', 'a\0', '\ud800', 'k'.repeat(1025)])(
  'key %j is 400 before anyone is asked',
  async (key) => {
    const { files, asked } = mount(() => ({}))
    const { json } = await answerOf(files, post(PATH, JSON.stringify({ key })))
    expect([json.status, json.code, asked]).toEqual([400, 'invalid_key', []])
  },
)
