import * as crypto from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { bearerKeys, type Decision, type LatchkeyOptions } from '../../src/index.js'
import { answerOf, grantOf, lifeOf, mount, post } from './mount.js'

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof crypto>()
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) }
})

const SECRETS = ['secret-key-number-1', 'secret-key-number-2']
const PUBLISHABLE = ['publishable-key-1', 'publishable-key-2==']
const authorize = bearerKeys({ secret: SECRETS, publishable: PUBLISHABLE })

function decisionFor(authorization: string | undefined): Decision {
  const header = (name: string) => (name === 'authorization' ? authorization : undefined)
  return authorize({ header }, { operation: 'get', key: 'a.txt' }) as Decision
}

test.each(['Bearer secret-key-number-1', 'bearer secret-key-number-2', 'BEARER   secret-key-number-2'])(
  '%j mints',
  (authorization) => {
    expect(decisionFor(authorization)).toEqual({ operations: ['get', 'head'] })
  },
)

test.each(['Bearer publishable-key-1', 'Bearer publishable-key-2=='])('%j is forbidden', (authorization) => {
  expect(decisionFor(authorization)).toBe('forbidden')
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'secret-key-number-1',
  'Basic secret-key-number-1',
  'Bearersecret-key-number-1',
  'Bearer secret-key-number-',
  'Bearer secret-key-number-11',
  'Bearer SECRET-KEY-NUMBER-1',
  'Bearer secret-key-number-1 ',
  ' Bearer secret-key-number-1',
  'Bearer\tsecret-key-number-1',
  'Bearer secret-key-number-1, Bearer secret-key-number-1',
  'Bearer secret-key-number-1, Basic eA==',
  'Bearer secret-key-number-1,secret-key-number-2',
  'Bearer secret-key-number-1 secret-key-number-2',
  'Bearer "secret-key-number-1"',
  'Bearer publishable-key-2',
  'Bearer secret-key-number-1\n',
])('%j is unauthorized', (authorization) => {
  expect(decisionFor(authorization)).toBe('unauthorized')
})

test('every candidate is compared, whichever it is', () => {
  const compared = vi.mocked(crypto.timingSafeEqual)
  for (const key of [...SECRETS, ...PUBLISHABLE, 'an-unknown-key-of-any-length']) {
    compared.mockClear()
    decisionFor(`Bearer ${key}`)
    expect(compared).toHaveBeenCalledTimes(4)
    for (const [one, other] of compared.mock.calls)
      expect([one.byteLength, other.byteLength]).toEqual([32, 32])
  }
})

test.each<[string, unknown]>([
  ['no list', {}],
  ['an empty list', { secret: [] }],
  ['an empty second list', { secret: SECRETS, publishable: [] }],
  ['a key that is not set', { secret: [undefined] }],
  ['a key of 15 characters', { secret: ['x'.repeat(15)] }],
  ['a key of 513 characters', { secret: ['x'.repeat(513)] }],
  ['a key with a space', { secret: ['a key with a space'] }],
  ['a key that is not ASCII', { secret: ['schlüssel-schlüssel'] }],
  ['a text', { secret: 'secret-key-number-1' }],
  ['a key in both lists', { secret: SECRETS, publishable: [SECRETS[0]] }],
])('%s is refused', (_name, keys) => {
  const create = () => bearerKeys(keys as Parameters<typeof bearerKeys>[0])
  expect(create).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  expect(create).toThrow(expect.objectContaining({ message: expect.not.stringContaining('number') }))
})

test('a secret key gets whatever it asks for', async () => {
  const { files } = mount(() => ({}), { authorize: authorize as NonNullable<LatchkeyOptions['authorize']> })
  const bearer = { authorization: `Bearer ${SECRETS[1]}` }
  for (const operation of ['get', 'head', 'delete'] as const) {
    const { json } = await answerOf(
      files,
      post('/a.txt/signed-url', { operation, expires_in: 604_800 }, bearer),
    )
    expect(lifeOf(await grantOf(json.url, 'a.txt', operation))).toBe(604_800)
  }
  const upload = { key: 'n', size: 3, contentType: 'a/b', payload: 'p', expiresIn: 86_400 }
  const { json } = await answerOf(files, post('/signed-uploads', upload, bearer))
  const grant = await grantOf(json.url, 'n', 'put')
  expect(grant).toMatchObject({ maxSize: 3, allowedTypes: ['a/b'], payload: 'p', write: { replace: 'none' } })
  expect(lifeOf(grant)).toBe(86_400)
  expect((await answerOf(files, post('/a.txt/signed-url'))).status).toBe(401)
})
