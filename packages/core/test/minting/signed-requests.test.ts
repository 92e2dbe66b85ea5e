import { expect, test } from 'vitest'
import { answerOf, grantOf, lifeOf, mount, post } from './mount.js'

const PATH = '/signed-requests'

test('PUT is an upload', async () => {
  const { files, asked } = mount(() => ({ key: 'u/new.png' }))
  const wish = { method: 'PUT', key: 'new.png', contentType: 'image/png', expiresIn: 60 }
  const { json } = await answerOf(files, post(PATH, wish))
  expect(json).toEqual({
    url: expect.stringMatching(/^https:\/\/app\.example\.com\/files\/u\/new\.png\?token=[^&]+$/),
    key: 'u/new.png',
    headers: { 'content-type': 'image/png' },
  })
  expect(asked).toEqual([
    { operation: 'put', key: 'new.png', contentType: 'image/png', expiresIn: 60, multipart: false },
  ])
  const grant = await grantOf(json.url, 'u/new.png', 'put')
  expect([lifeOf(grant), grant?.allowedTypes]).toEqual([60, ['image/png']])
})

test.each([
  ['GET', 'get', {}],
  ['DELETE', 'delete', { operations: ['delete'] }],
] as const)('%s is the operation %s, of an object that exists', async (method, operation, limits) => {
  const { files, asked } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, { method, key: 'a.txt', expiresIn: 60 }))
  expect(json).toEqual({ url: expect.any(String), key: 'a.txt' })
  expect(lifeOf(await grantOf(json.url, 'a.txt', operation))).toBe(60)
  expect(asked).toEqual([{ operation, key: 'a.txt', expiresIn: 60 }])
  expect((await answerOf(files, post(PATH, { method, key: 'absent' }))).json.code).toBe('not_found')
})

test.each<[string, unknown]>([
  ['no method', { key: 'k' }],
  ['another method', { method: 'PATCH', key: 'k' }],
  ['a method in lower case', { method: 'put', key: 'k' }],
  ['no key', { method: 'PUT' }],
  ['a part without an upload', { method: 'PUT', key: 'k', partNumber: 1 }],
  ['an unknown property', { method: 'PUT', key: 'k', multipart: true }],
  ['a bad type', { method: 'PUT', key: 'k', contentType: 'png' }],
  ['a life of 0', { method: 'GET', key: 'a.txt', expiresIn: 0 }],
])('%s is 400', async (_name, body) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post(PATH, body))
  expect([json.status, json.code, asked]).toEqual([400, 'bad_request', []])
})

test.each([
  { method: 'POST', key: 'k' },
  { method: 'POST', key: 'k', uploadId: 'u' },
  { method: 'GET', key: 'k', uploadId: 'u' },
  { method: 'DELETE', key: 'k', uploadId: 'u' },
  { method: 'PUT', key: 'k', uploadId: 'u', partNumber: 1 },
])('%j is 400 where the storage takes no parts', async (body) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post(PATH, body))
  expect([json.status, json.detail]).toEqual([400, 'This storage takes no uploads in parts.'])
  expect(asked).toEqual([])
})
