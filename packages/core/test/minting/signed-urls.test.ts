import { expect, test } from 'vitest'
import { answerOf, grantOf, lifeOf, mount, NOW, post } from './mount.js'

const PATH = '/signed-urls'

test('each key gets what is decided for it, in the order of the list', async () => {
  const { files, asked } = mount(({ key }) => {
    if (key === 'dir/b.txt') return { operations: ['delete'] }
    return key === 'private' ? 'forbidden' : key === 'whose' ? 'unauthorized' : { expiresIn: 60 }
  })
  const urls = [
    { key: 'a.txt', expires_in: 3600 },
    { key: 'private' },
    { key: 'dir/b.txt', operation: 'delete' },
    { key: 'absent' },
    { key: 'whose' },
    { key: '../up' },
    { key: 'a.txt', expires_in: 5 },
  ]
  const { status, json, headers } = await answerOf(files, post(PATH, { urls }))
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('no-store')
  const detail = expect.any(String)
  expect(json.urls).toEqual([
    { key: 'a.txt', url: expect.any(String), expires_at: new Date(NOW + 60_000).toISOString() },
    { key: 'private', code: 'forbidden', detail },
    { key: 'dir/b.txt', url: expect.any(String), expires_at: expect.any(String) },
    { key: 'absent', code: 'not_found', detail },
    { key: 'whose', code: 'unauthorized', detail },
    { key: '../up', code: 'invalid_key', detail },
    { key: 'a.txt', url: expect.any(String), expires_at: new Date(NOW + 5_000).toISOString() },
  ])
  expect(asked.map(({ key }) => key)).toEqual(['a.txt', 'private', 'dir/b.txt', 'absent', 'whose', 'a.txt'])
  expect((await grantOf(json.urls[2].url, 'dir/b.txt', 'delete'))?.operations).toEqual(['delete'])
  expect(lifeOf(await grantOf(json.urls[6].url, 'a.txt', 'head'))).toBe(5)
})

test('where nobody is known for any key the answer is 401', async () => {
  const { files } = mount(() => 'unauthorized')
  const { headers, json } = await answerOf(files, post(PATH, { urls: [{ key: 'a.txt' }, { key: 'b' }] }))
  expect([json.status, json.code, headers['www-authenticate']]).toEqual([401, 'unauthorized', 'Bearer'])
})

test('1 to 1000 keys', async () => {
  const { files, asked } = mount(() => ({}))
  const list = (length: number) => ({ urls: Array.from({ length }, () => ({ key: 'a.txt' })) })
  for (const [length, status] of [
    [0, 400],
    [1, 200],
    [1000, 200],
    [1001, 400],
  ] as const) {
    asked.length = 0
    expect((await answerOf(files, post(PATH, list(length)))).status).toBe(status)
    expect(asked).toHaveLength(status === 200 ? length : 0)
  }
})

test.each<[string, unknown]>([
  ['no list', {}],
  ['a list that is none', { urls: { 0: { key: 'a.txt' } } }],
  ['an item that is no object', { urls: ['a.txt'] }],
  ['an item without a key', { urls: [{}] }],
  ['a key that is no text', { urls: [{ key: 5 }] }],
  ['an unknown property', { urls: [{ key: 'a.txt', method: 'PUT' }] }],
  ['an unknown property beside the list', { urls: [{ key: 'a.txt' }], operation: 'get' }],
  ['one bad life', { urls: [{ key: 'a.txt' }, { key: 'a.txt', expires_in: 0 }] }],
])('%s is 400 for the whole list', async (_name, body) => {
  const { files, asked } = mount(() => ({}))
  const { json } = await answerOf(files, post(PATH, body))
  expect([json.status, json.code, asked]).toEqual([400, 'bad_request', []])
})

test('a refusal says where in the list it is', async () => {
  const { files } = mount(() => ({}))
  const { json } = await answerOf(files, post(PATH, { urls: [{ key: 'a' }, { key: 'b', download: 5 }] }))
  expect(json.detail).toMatch(/^urls\[1\]\.download /)
})

test('a few are decided about at a time, and after a fault no more', async () => {
  let running = 0
  let most = 0
  const { files, asked, faults } = mount(async ({ key }) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
    if (key === '50') throw new Error('the database is down')
    return 'forbidden'
  })
  const urls = Array.from({ length: 1000 }, (_, at) => ({ key: String(at) }))
  expect((await answerOf(files, post(PATH, { urls }))).status).toBe(500)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(faults).toHaveLength(1)
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(16)
  expect(asked.length).toBeLessThan(100)
})
