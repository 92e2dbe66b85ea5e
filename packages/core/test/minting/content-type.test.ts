import { expect, test } from 'vitest'
import { answerOf, mount, post } from './mount.js'

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json, text/plain',
  'application/jsonp',
  '',
])('content type %j is 415, with and without a body', async (type) => {
  const { files, asked } = mount(() => ({}))
  for (const body of ['{}', undefined]) {
    const request = post('/a.txt/signed-url', body, { 'content-type': type })
    const { status, json } = await answerOf(files, request)
    expect([status, json.code]).toEqual([415, 'unsupported_media_type'])
  }
  expect(asked).toEqual([])
})

test('a body without a type is 415, no body at all stands for {}', async () => {
  const { files } = mount(() => ({}))
  const untyped = { ...post('/a.txt/signed-url', '{}'), header: () => undefined }
  expect((await answerOf(files, untyped)).status).toBe(415)
  expect((await answerOf(files, post('/a.txt/signed-url'))).status).toBe(200)
  expect((await answerOf(files, { ...post('/a.txt/signed-url', ''), header: () => undefined })).status).toBe(
    200,
  )
  for (const path of ['/signed-urls', '/signed-uploads', '/signed-requests']) {
    expect((await answerOf(files, post(path))).status).toBe(415)
    expect((await answerOf(files, post(path, ''))).status).toBe(400)
  }
})

test.each(['application/json; charset=utf-8', 'Application/JSON'])(
  'content type %s is taken',
  async (type) => {
    const { files } = mount(() => ({}))
    expect((await answerOf(files, post('/a.txt/signed-url', '{}', { 'content-type': type }))).status).toBe(
      200,
    )
  },
)
