import { beforeEach, expect, test, vi } from 'vitest'
import type { OpenUpload, UploadResumption, UploadStart } from '../../src/http/minting/upload-sessions.js'
import { LatchkeyError } from '../../src/index.js'
import { answerOf, grantOf, lifeOf, mount, NOW, post } from './mount.js'

const begun: UploadStart[] = []
const refreshed: UploadResumption[] = []

vi.mock('../../src/http/minting/upload-sessions.js', () => {
  const open = (fields: OpenUpload['fields']): OpenUpload => ({
    uploadId: 'the-upload',
    fields: { ...fields, pin: { uploadId: 'of-the-storage' } },
    partSize: 8_388_608,
    expiresAt: new Date(NOW + 86_400_000),
  })
  return {
    NO_PARTS: 'none',
    takesParts: () => true,
    beginUpload: async (start: UploadStart) => {
      begun.push(start)
      return open(start.fields)
    },
    refreshUpload: async (resumed: UploadResumption) => {
      refreshed.push(resumed)
      if (resumed.uploadId === 'foreign') throw new LatchkeyError('upload_not_found', 'foreign')
      return open(resumed.fields)
    },
  }
})

beforeEach(() => {
  begun.length = 0
  refreshed.length = 0
})

test('an upload in parts begins with the request, at its final key and with the narrowed limits', async () => {
  const { files, asked } = mount(() => ({ addRandomSuffix: true, maxSize: '1mb' }))
  const wish = { key: 'a.mp4', contentType: 'video/mp4', size: 1000, multipart: true }
  const { json } = await answerOf(files, post('/signed-uploads', wish))
  expect(json).toEqual({
    key: expect.stringMatching(/^a-.{22}\.mp4$/),
    url: expect.any(String),
    method: 'PUT',
    headers: { 'content-type': 'video/mp4' },
    expires_at: expect.any(String),
    uploadId: 'the-upload',
    partSize: 8_388_608,
    uploadExpiresAt: new Date(NOW + 86_400_000).toISOString(),
  })
  expect(asked).toEqual([{ operation: 'put', ...wish }])
  expect(begun).toEqual([
    {
      key: json.key,
      size: 1000,
      contentType: 'video/mp4',
      fields: expect.objectContaining({ maxSize: 1000, allowedTypes: ['video/mp4'] }),
    },
  ])
  expect((await grantOf(json.url, json.key, 'put'))?.pin).toEqual({ uploadId: 'of-the-storage' })
})

test('an upload that was begun gets another URL under its own key', async () => {
  const { files, asked } = mount(() => ({ addRandomSuffix: true, expiresIn: 60 }))
  const { json } = await answerOf(files, post('/signed-uploads', { key: 'a-x.mp4', uploadId: 'the-upload' }))
  expect(json).toMatchObject({ key: 'a-x.mp4', uploadId: 'the-upload' })
  expect(lifeOf(await grantOf(json.url, 'a-x.mp4', 'put'))).toBe(60)
  expect(asked).toEqual([{ operation: 'put', key: 'a-x.mp4', multipart: true, uploadId: 'the-upload' }])
  expect(begun).toEqual([])
})

test('whoever may upload elsewhere may not go on with this upload', async () => {
  const elsewhere = mount(() => ({ key: 'u/8/a.mp4' }))
  const wish = { key: 'u/7/a.mp4', uploadId: 'the-upload' }
  expect((await answerOf(elsewhere.files, post('/signed-uploads', wish))).json.code).toBe('forbidden')
  const same = mount(() => ({ key: 'u/7/a.mp4' }))
  expect((await answerOf(same.files, post('/signed-uploads', wish))).status).toBe(200)
  expect(refreshed).toHaveLength(1)
})

test('refusals come before the upload begins or is looked up', async () => {
  for (const decision of ['unauthorized', 'forbidden', { allowedTypes: ['image/*'] }, { maxSize: 1 }]) {
    const { files } = mount(() => decision)
    for (const more of [{ multipart: true }, { uploadId: 'the-upload' }]) {
      const wish = { key: 'k', contentType: 'video/mp4', size: 2, ...more }
      expect((await answerOf(files, post('/signed-uploads', wish))).status).toBeGreaterThanOrEqual(401)
    }
  }
  expect([begun, refreshed]).toEqual([[], []])
})

test.each([
  [{ method: 'POST' }, /\?token=[^&]+&uploads$/, undefined],
  [{ method: 'POST', uploadId: 'up' }, /\?token=[^&]+&uploadId=up$/, undefined],
  [{ method: 'GET', uploadId: 'up' }, /\?token=[^&]+&uploadId=up$/, undefined],
  [{ method: 'DELETE', uploadId: 'up' }, /\?token=[^&]+&uploadId=up$/, undefined],
  [{ method: 'PUT', uploadId: 'up', partNumber: 7 }, /\?token=[^&]+&uploadId=up&partNumber=7$/, 7],
])('the request %j is signed for what it does', async (wish, url, partNumber) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post('/signed-requests', { key: 'k', ...wish }))
  expect(json).toEqual({ key: 'k', url: expect.stringMatching(url) })
  expect(asked).toMatchObject([{ operation: 'put', key: 'k', multipart: true }])
  expect(refreshed).toMatchObject('uploadId' in wish ? [{ key: 'k', uploadId: 'up', partNumber }] : [])
})

test('an upload that is unknown is 404', async () => {
  const { files } = mount(() => ({}))
  const { json } = await answerOf(files, post('/signed-uploads', { key: 'k', uploadId: 'foreign' }))
  expect([json.status, json.code]).toEqual([404, 'upload_not_found'])
})

test.each([
  { method: 'PUT', uploadId: 'up' },
  { method: 'PUT', uploadId: 'up', partNumber: 0 },
  { method: 'PUT', uploadId: 'up', partNumber: 10_001 },
  { method: 'PUT', uploadId: 'up', partNumber: '1' },
  { method: 'POST', uploadId: 'up', partNumber: 1 },
  { method: 'GET', uploadId: 'up', partNumber: 1 },
  { method: 'DELETE', uploadId: '' },
  { method: 'DELETE', uploadId: 'a&token=b' },
  { method: 'DELETE', uploadId: 5 },
])('the request %j is 400', async (wish) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post('/signed-requests', { key: 'k', ...wish }))
  expect([json.status, json.code, asked]).toEqual([400, 'bad_request', []])
})

test('an upload to go on with needs its key', async () => {
  const { files } = mount(() => ({ key: 'chosen' }))
  const { json } = await answerOf(files, post('/signed-uploads', { uploadId: 'the-upload' }))
  expect([json.status, json.code]).toEqual([400, 'bad_request'])
})
