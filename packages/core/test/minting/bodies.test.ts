import { expect, test } from 'vitest'
import { answerOf, mount, post } from './mount.js'

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

test.each<[string, unknown]>([
  ['no JSON', 'expires_in=5'],
  ['cut short', '{"expires_in": 5'],
  ['a string that does not end', '{"expires_in'],
  ['white space', ' '],
  ['two values', '{}{}'],
  ['a list', []],
  ['null', 'null'],
  ['a number', '5'],
  ['an unknown property', { expiresIn: 5 }],
  ['a name that is there twice', '{"expires_in":5,"expires_in":6}'],
  ['the same name, spelled in two ways', '{"operation":"get","\\u006fperation":"delete"}'],
  ['__proto__', '{"__proto__":{"operation":"delete"}}'],
  ['constructor', '{"constructor":{"prototype":{}}}'],
  ['deep nesting', `{"expires_in":${nested(20_000)}}`],
  ['deep objects', '{"a":'.repeat(9_000)],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a lone surrogate', '{"download":"\\ud800"}'],
  ['an empty file name', { download: '' }],
  ['a file name with a line break', { download: 'a\r\nb' }],
  ['a file name of 256 characters', { download: 'x'.repeat(256) }],
  ['download as a number', { download: 1 }],
  ['download null', { download: null }],
  ['operation put', { operation: 'put' }],
  ['an unknown operation', { operation: 'constructor' }],
  ['operation as a list', { operation: ['get'] }],
  ['expires_in 0', { expires_in: 0 }],
  ['expires_in -1', { expires_in: -1 }],
  ['expires_in 1.5', { expires_in: 1.5 }],
  ['expires_in as text', { expires_in: '60' }],
  ['expires_in null', { expires_in: null }],
  ['expires_in true', { expires_in: true }],
  ['expires_in 1e400', '{"expires_in":1e400}'],
  ['expires_in beyond the maximum', { expires_in: 604_801 }],
  ['a body over 64 KiB', `{"download":"x"${' '.repeat(65_536)}}`],
])('a body with %s is 400 before anyone is asked', async (_name, body) => {
  const { files, asked, faults } = mount(() => ({}))
  const { status, json, headers } = await answerOf(files, post('/a.txt/signed-url', body))
  expect([status, json.code]).toEqual([400, 'bad_request'])
  expect(headers['cache-control']).toBe('no-store')
  expect(asked).toEqual([])
  expect(faults).toEqual([])
})

test('bounds of expires_in are those of the mount', async () => {
  const { files } = mount(() => ({}), { expiry: { minimum: 60, maximum: 120, default: 60 } })
  for (const [seconds, status] of [
    [59, 400],
    [60, 200],
    [120, 200],
    [121, 400],
  ]) {
    expect((await answerOf(files, post('/a.txt/signed-url', { expires_in: seconds }))).status).toBe(status)
  }
})

test('a content coding is refused, and a body that a parser took', async () => {
  const { files, faults } = mount(() => ({}))
  const coded = post('/a.txt/signed-url', '{}', { 'content-encoding': 'gzip' })
  expect((await answerOf(files, coded)).json.code).toBe('unsupported_encoding')
  const taken = { ...post('/a.txt/signed-url', '{}'), bodyAlreadyRead: true }
  expect((await answerOf(files, taken)).json.code).toBe('body_already_read')
  expect(faults).toHaveLength(1)
})

test('reading stops where the limit is passed, and before that where the length says so', async () => {
  const { files } = mount(() => ({}))
  let given = 0
  async function* endless() {
    for (;;) {
      given++
      yield new Uint8Array(16_384).fill(0x20)
    }
  }
  for (const [length, most] of [
    [undefined, 6],
    ['9999999', 0],
  ] as const) {
    given = 0
    const headers: Record<string, string | undefined> = {
      'content-type': 'application/json',
      'content-length': length,
    }
    const reply = await files.handle({
      ...post('/a.txt/signed-url'),
      header: (name) => headers[name],
      body: endless(),
    })
    expect(reply.status).toBe(400)
    expect(reply.headers.connection).toBe('close')
    expect(given).toBeLessThanOrEqual(most)
  }
})

test('a batch may have 1 MiB, and no more', async () => {
  const { files } = mount(() => ({}))
  const body = (size: number) => `{"urls":[{"key":"a.txt"}]${' '.repeat(size - 26)}}`
  expect((await answerOf(files, post('/signed-urls', body(1024 * 1024)))).status).toBe(200)
  expect((await answerOf(files, post('/signed-urls', body(1024 * 1024 + 1)))).status).toBe(400)
})

test('a refusal shows nothing that the client sent', async () => {
  const { files } = mount(() => ({}))
  const request = post('/a.txt/signed-url', { '<script>': 1 }, { accept: 'text/html' })
  const { body, headers } = await files.handle(request)
  expect(headers['content-type']).toContain('text/html')
  expect(body).not.toContain('<script')
})
