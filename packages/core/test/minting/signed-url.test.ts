import { expect, test } from 'vitest'
import { answerOf, grantOf, lifeOf, mount, NOW, post, storageOf } from './mount.js'

const PATH = '/a.txt/signed-url'

async function granted(limits: unknown, wish: unknown, operation: 'get' | 'head' | 'delete' = 'get') {
  const { files } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, wish))
  return grantOf(json.url, 'a.txt', operation)
}

test('the answer has the URL and its end, and no cache keeps it', async () => {
  const { files } = mount(() => ({ expiresIn: '10m' }))
  const { status, headers, json } = await answerOf(files, post(PATH))
  expect(status).toBe(200)
  expect(json).toEqual({
    url: expect.stringMatching(/^https:\/\/app\.example\.com\/files\/a\.txt\?token=k1\./),
    expires_at: new Date(NOW + 600_000).toISOString(),
  })
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
})

test('the hook is asked once, with what the client asked for', async () => {
  const { files, asked } = mount(() => ({ operations: ['delete'] }))
  await answerOf(files, post(PATH, { expires_in: 60, operation: 'delete', download: 'x.txt' }))
  expect(asked).toEqual([{ operation: 'delete', key: 'a.txt', expiresIn: 60, download: 'x.txt' }])
})

test('what the hook does to the intent changes nothing', async () => {
  const { files } = mount((intent) => {
    Object.assign(intent, { key: 'dir/b.txt', expiresIn: 604_800 })
    return {}
  })
  const { json } = await answerOf(files, post(PATH, { expires_in: 60 }))
  expect(lifeOf(await grantOf(json.url, 'a.txt', 'get'))).toBe(60)
})

test.each([
  [undefined, undefined, 3600],
  [undefined, 60, 60],
  [undefined, 7200, 3600],
  ['10m', 60, 60],
  ['10m', 601, 600],
  ['1d', 7200, 7200],
])('limits of %s and a wish of %s give %s seconds', async (expiresIn, wish, life) => {
  const limits = expiresIn === undefined ? {} : { expiresIn }
  expect(lifeOf(await granted(limits, wish === undefined ? {} : { expires_in: wish }))).toBe(life)
})

test('validUntil is a limit, too, and a URL that would end before it begins is 400', async () => {
  expect(lifeOf(await granted({ validUntil: NOW + 90_000 }, { expires_in: 3600 }))).toBe(90)
  const { files, faults } = mount(() => ({ notBefore: NOW + 60_000, expiresIn: 600 }))
  const { status } = await answerOf(files, post(PATH, { expires_in: 60 }))
  expect([status, faults]).toEqual([400, []])
  expect((await answerOf(files, post(PATH, { expires_in: 61 }))).status).toBe(200)
})

test.each([
  ['get', ['get', 'head']],
  ['head', ['head']],
])('%s is granted with what comes with it', async (operation, operations) => {
  expect((await granted({}, { operation }, 'head'))?.operations).toEqual(operations)
})

test('an operation that the limits do not have is forbidden, delete unless it is named', async () => {
  expect(
    (await granted({ operations: ['delete', 'get'] }, { operation: 'delete' }, 'delete'))?.operations,
  ).toEqual(['delete'])
  expect((await granted({ operations: ['get'] }, {}))?.operations).toEqual(['get'])
  for (const [limits, operation] of [
    [{}, 'delete'],
    [{ operations: ['get', 'head'] }, 'delete'],
    [{ operations: ['head'] }, 'get'],
    [{ operations: ['delete'] }, 'head'],
  ]) {
    const { files } = mount(() => limits)
    const { status, json } = await answerOf(files, post('/absent/signed-url', { operation }))
    expect([status, json.code]).toEqual([403, 'forbidden'])
  }
})

const saved = (filename?: string) => ({ disposition: 'attachment', ...(filename && { filename }) })

test.each([
  [undefined, undefined, undefined],
  [undefined, true, saved()],
  [undefined, 'n.txt', saved('n.txt')],
  [undefined, false, undefined],
  [false, undefined, { disposition: 'inline' }],
  [false, false, { disposition: 'inline' }],
  [false, true, saved()],
  [true, false, saved()],
  [true, 'n.txt', saved('n.txt')],
  ['app.txt', false, saved('app.txt')],
  ['app.txt', true, saved('app.txt')],
  ['app.txt', 'n.txt', saved('app.txt')],
])('download limited to %s and asked for as %s', async (limit, wish, expected) => {
  const limits = limit === undefined ? {} : { download: limit }
  const grant = await granted(limits, wish === undefined ? {} : { download: wish })
  expect(grant?.download).toEqual(expected)
})

test('an absent object is 404 only to whom it is allowed', async () => {
  const path = '/absent/signed-url'
  for (const [decision, status] of [
    ['unauthorized', 401],
    ['forbidden', 403],
    [{}, 404],
    ['not_found', 404],
  ]) {
    const stats: string[] = []
    const storage = storageOf()
    const { files } = mount(() => decision, {
      storage: {
        ...storage,
        stat: (key) => {
          stats.push(key)
          return storage.stat(key)
        },
      },
    })
    const { json } = await answerOf(files, post(path))
    expect(json.status).toBe(status)
    expect(stats).toEqual(typeof decision === 'string' ? [] : ['absent'])
  }
})
