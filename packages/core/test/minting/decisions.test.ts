import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { LatchkeyError } from '../../src/index.js'
import { answerOf, mount, post } from './mount.js'

const PATH = '/a.txt/signed-url'

test.each([
  ['unauthorized', 401],
  ['forbidden', 403],
  ['not_found', 404],
])('%s is %i', async (decision, status) => {
  for (const decide of [() => decision, async () => decision]) {
    const { files, faults } = mount(decide)
    const { headers, json } = await answerOf(files, post(PATH))
    expect([json.status, json.code]).toEqual([status, decision])
    expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
    expect(headers['cache-control']).toBe('no-store')
    expect(faults).toEqual([])
  }
})

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ['false', false],
  ['a number', 1],
  ['an empty text', ''],
  ['another text', 'allowed'],
  ['a list', []],
  ['a list with limits', [{}]],
  ['a function', () => ({})],
  ['an error', new Error('no')],
  ['a boxed text', new String('x')],
  ['a map', new Map()],
  ['a response of a framework', new Response()],
])('%s is no permission', async (_name, decision) => {
  const { files, faults } = mount(() => decision)
  const { json } = await answerOf(files, post(PATH))
  expect([json.status, json.code]).toEqual([403, 'forbidden'])
  expect(faults).toEqual([])
})

test('limits may lack a prototype or come from another realm', async () => {
  for (const limits of [Object.create(null), runInNewContext('({})')]) {
    expect((await answerOf(mount(() => limits).files, post(PATH))).status).toBe(200)
  }
})

test.each<[string, unknown]>([
  ['an error', new Error('the secret of the database')],
  ['a LatchkeyError', new LatchkeyError('bad_request', 'the secret of the database')],
  ['a text', 'the secret of the database'],
])('%s that is thrown is 500, reported, and not shown', async (_name, thrown) => {
  const throwing = () => {
    throw thrown
  }
  for (const decide of [throwing, async () => throwing()]) {
    for (const request of [post(PATH), post('/signed-urls', { urls: [{ key: 'a.txt' }, { key: 'b' }] })]) {
      const { files, faults } = mount(decide)
      const { json } = await answerOf(files, request)
      expect([json.status, json.code]).toEqual([500, 'internal_error'])
      expect(JSON.stringify(json)).not.toContain('secret')
      expect(faults).toEqual([thrown])
    }
  }
})

test('a hook that throws nothing in particular is 500, too', async () => {
  const { files, faults } = mount(() => Promise.reject())
  expect((await answerOf(files, post(PATH))).json.code).toBe('internal_error')
  expect(faults).toEqual([undefined])
})

test.each<[string, unknown]>([
  ['a life beyond the maximum', { expiresIn: '8d' }],
  ['a life of 0', { expiresIn: 0 }],
  ['two ends', { expiresIn: 5, validUntil: 5 }],
  ['put', { operations: ['get', 'put'] }],
  ['an operation that is none', { operations: ['get', 'list'] }],
  ['operations as a text', { operations: 5 }],
  ['a subject that is too long', { subject: 'x'.repeat(257) }],
  ['headers that cannot be signed', { responseHeaders: { 'set-cookie': 'a=b' } }],
  ['headers that are null', { responseHeaders: null }],
  ['a cache age out of bounds', { cacheControlMaxAge: -1 }],
  ['a limit that is none', { allowed: false }],
])('limits with %s are a fault of the app', async (_name, limits) => {
  const { files, faults } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, { expires_in: 5 }))
  expect([json.status, json.code]).toEqual([500, 'internal_error'])
  expect(faults).toHaveLength(1)
  expect(faults[0]).toBeInstanceOf(Error)
})

test('what does not fit into a URL for the sake of the client is 400', async () => {
  const limits = { responseHeaders: { 'x-robots-tag': 'x'.repeat(2000) } }
  const { files, faults } = mount(() => limits)
  expect((await answerOf(files, post(PATH))).status).toBe(200)
  const { json } = await answerOf(files, post(PATH, { download: '\u{1f600}'.repeat(255) }))
  expect([json.status, json.code]).toEqual([400, 'bad_request'])
  expect(faults).toEqual([])
})
