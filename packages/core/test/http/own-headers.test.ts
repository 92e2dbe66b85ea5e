import { expect, test } from 'vitest'
import { createLatchkey, type GateRequest, type StorageDriver } from '../../src/index.js'

const storage: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: async () => null,
  open: async () => null,
  write: () => Promise.reject(new Error('nothing is written here')),
  delete: async () => false,
}

const files = createLatchkey({
  baseUrl: '/files',
  keys: [{ id: 'k1', secret: 'a secret of the tests, of 32 bytes or more' }],
  storage,
  cors: { origins: ['https://app.example'] },
})

const ask = (method: string, path: string, headers: Record<string, string> = {}): GateRequest => ({
  method,
  path,
  header: (name) => headers[name],
  body: null,
  bodyAlreadyRead: false,
})

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH', 'OPTIONS'])(
  'what one request adds to its reply is not in another’s: %s',
  async (method) => {
    const first = await files.handle(ask(method, '/a.txt', { origin: 'https://app.example' }))
    expect(first.headers['access-control-allow-origin']).toBe('https://app.example')
    const second = await files.handle(ask(method, '/a.txt'))
    expect(second.headers).not.toBe(first.headers)
    expect(second.headers['access-control-allow-origin']).toBeUndefined()
  },
)

test('a frozen request is timed as any other', async () => {
  const path = (await files.signedUrl('a.txt')).url.slice('/files'.length)
  const reply = await files.handle(Object.freeze(ask('GET', path)))
  expect(reply.status).toBe(404)
  expect(reply.headers['server-timing']).toMatch(/^total;dur=[\d.]+, token;dur=[\d.]+, storage;dur=[\d.]+$/)
})
