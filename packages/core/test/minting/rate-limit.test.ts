import { RateLimiterMemory } from 'rate-limiter-flexible'
import { expect, test } from 'vitest'
import type { GateRequest } from '../../src/index.js'
import { answerOf, mount, post } from './mount.js'

const keyOf = (request: GateRequest) => request.header('x-client') ?? 'anyone'
const from = (client: string, path = '/a.txt/signed-url', body?: unknown) =>
  post(path, body, { 'x-client': client })

test('rate-limiter-flexible limits each client, whatever the hook would say', async () => {
  const limiter = new RateLimiterMemory({ points: 3, duration: 30 })
  const { files, asked } = mount(() => 'unauthorized', { rateLimit: { limiter, keyOf } })
  for (let turn = 0; turn < 3; turn++) expect((await answerOf(files, from('one'))).status).toBe(401)
  const { headers, json } = await answerOf(files, from('one'))
  expect([json.status, json.code]).toEqual([429, 'rate_limit_exceeded'])
  expect(headers['retry-after']).toBe('30')
  expect(asked).toHaveLength(3)
  expect((await answerOf(files, from('two'))).status).toBe(401)
})

test('a batch costs a point for each key', async () => {
  const limiter = new RateLimiterMemory({ points: 5, duration: 30 })
  const { files, asked } = mount(() => ({}), { rateLimit: { limiter, keyOf } })
  const batch = (size: number) => ({ urls: Array.from({ length: size }, () => ({ key: 'a.txt' })) })
  expect((await answerOf(files, from('one', '/signed-urls', batch(4)))).status).toBe(200)
  expect((await answerOf(files, from('one', '/signed-urls', batch(2)))).status).toBe(429)
  expect(asked).toHaveLength(4)
})

test('what is malformed costs nothing', async () => {
  const limiter = new RateLimiterMemory({ points: 1, duration: 30 })
  const { files } = mount(() => ({}), { rateLimit: { limiter, keyOf } })
  for (let turn = 0; turn < 5; turn++) await answerOf(files, from('one', '/signed-urls', { urls: [] }))
  expect((await answerOf(files, from('one'))).status).toBe(200)
})

test.each([
  [0, '1'],
  [-1, '1'],
  [1, '1'],
  [1000, '1'],
  [1001, '2'],
  [59_500.5, '60'],
  [Number.NaN, '1'],
  [Number.POSITIVE_INFINITY, '2147483647'],
])('msBeforeNext %d is Retry-After %s', async (msBeforeNext, seconds) => {
  const limiter = { consume: () => Promise.reject({ msBeforeNext }) }
  const { files } = mount(() => ({}), { rateLimit: { limiter, keyOf } })
  const { status, headers } = await answerOf(files, from('one'))
  expect([status, headers['retry-after']]).toEqual([429, seconds])
})

test.each<[string, () => unknown]>([
  ['an error', () => Promise.reject(new Error('redis://secret@host is down'))],
  ['nothing', () => Promise.reject()],
  ['a text', () => Promise.reject('down')],
  ['a wait in words', () => Promise.reject({ msBeforeNext: '5' })],
  [
    'an error at once',
    () => {
      throw new Error('down')
    },
  ],
])('a limiter that fails with %s lets nobody mint', async (_name, consume) => {
  const limiter = { consume: consume as () => Promise<unknown> }
  const { files, asked, faults } = mount(() => ({}), { rateLimit: { limiter, keyOf } })
  const { json } = await answerOf(files, from('one'))
  expect([json.status, json.code]).toEqual([503, 'rate_limiter_unavailable'])
  expect(JSON.stringify(json)).not.toContain('secret')
  expect(asked).toEqual([])
  expect(faults).toMatchObject([{ code: 'rate_limiter_unavailable' }])
})

test.each<[string, () => unknown]>([
  ['undefined', () => undefined],
  ['nothing', () => ''],
  [
    'a throw',
    () => {
      throw new Error('no proxy')
    },
  ],
])('a client that cannot be told from others (%s) does not mint', async (_name, keyless) => {
  const rateLimit = { limiter: { consume: async () => {} }, keyOf: keyless as () => string }
  const { files, asked } = mount(() => ({}), { rateLimit })
  expect((await answerOf(files, from('one'))).json.code).toBe('rate_limiter_unavailable')
  expect(asked).toEqual([])
})

test('a cross-origin client may read Retry-After', async () => {
  const limiter = { consume: () => Promise.reject({ msBeforeNext: 1 }) }
  const { files } = mount(() => ({}), { rateLimit: { limiter, keyOf }, cors: { origins: '*' } })
  const { headers } = await answerOf(files, post('/a.txt/signed-url', {}, { origin: 'https://a.example' }))
  expect(headers['access-control-expose-headers']).toContain('Retry-After')
})

test.each([null, {}, { limiter: {}, keyOf }, { limiter: { consume: () => {} } }])(
  'rateLimit %j is refused when the Latchkey is created',
  (rateLimit) => {
    expect(() => mount(() => ({}), { rateLimit: rateLimit as never })).toThrow(/rateLimit/)
  },
)
