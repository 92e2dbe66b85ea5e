import { expect, test } from 'vitest'
import { createLatchkey, type DelegationOptions, LatchkeyError, type StorageDriver } from '../src/index.js'
import { presignUrl } from '../src/token/index.js'

const NOW = 1_795_280_000_000
const empty: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: async () => null,
  open: async () => null,
  write: async () => {
    throw new Error('not stored')
  },
  delete: async () => false,
}

function latchkeyOn(capabilities: Partial<StorageDriver['capabilities']> = {}) {
  return createLatchkey({
    baseUrl: 'https://app.example.com/files',
    keys: [{ id: 'k1', secret: 's'.repeat(32) }],
    storage: { ...empty, capabilities: { ...empty.capabilities, ...capabilities } },
    expiry: { maximum: '1d' },
    now: () => NOW,
    onError: () => {},
  })
}

const files = latchkeyOn()

async function statusOf(method: string, url: string): Promise<number> {
  const path = url.slice('https://app.example.com/files'.length)
  const reply = await files.handle({
    method,
    path,
    header: () => undefined,
    body: null,
    bodyAlreadyRead: false,
  })
  return reply.status
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'issued',
    (error) => (error instanceof LatchkeyError ? error.code : error),
  )
}

test('a delegation is issued once, sent as JSON, and its URLs are taken', async () => {
  const issued = await files.issueSignedToken({ prefix: 'users/42/' })
  expect(issued).toMatchObject({
    baseUrl: 'https://app.example.com/files',
    scope: { prefix: 'users/42/' },
    validUntil: new Date(NOW + 3_600_000),
  })
  expect(issued.delegationToken).toBe('k1.e1795283600~ogh~p9')
  expect(issued.clientSigningToken).toMatch(/^[A-Za-z0-9_-]{43}$/)
  const token = JSON.parse(JSON.stringify(issued))
  const { url, key } = await presignUrl(token, { operation: 'get', key: 'users/42/a b.txt', now: () => NOW })
  expect(key).toBe('users/42/a b.txt')
  expect(await statusOf('GET', url)).toBe(404)
  expect(await statusOf('HEAD', url)).toBe(403)
  expect(await statusOf('DELETE', url)).toBe(403)
  expect(await statusOf('GET', url.replace('users/42', 'users/43'))).toBe(403)
  expect(await statusOf('GET', url.replace('a%20b', 'b'))).toBe(403)
})

test('a delegation alone, or its two halves one at a time, opens nothing', async () => {
  const { delegationToken, clientSigningToken } = await files.issueSignedToken({ prefix: 'users/42/' })
  for (const token of [
    delegationToken,
    clientSigningToken,
    `${delegationToken}.`,
    `.${clientSigningToken}`,
  ]) {
    expect(await statusOf('GET', `https://app.example.com/files/users/42/a?token=${token}`)).toBe(403)
  }
})

test('a delegation lives within the bounds of its mount', async () => {
  expect(await codeOf(files.issueSignedToken({ key: 'a', expiresIn: '1d' }))).toBe('issued')
  expect(await codeOf(files.issueSignedToken({ key: 'a', expiresIn: '2d' }))).toBe('invalid_option')
  expect(await codeOf(files.issueSignedToken({ key: 'a', validUntil: NOW }))).toBe('invalid_option')
})

test.each<[DelegationOptions | object, string]>([
  [{}, 'invalid_option'],
  [{ key: 'a', prefix: 'a/' }, 'invalid_option'],
  [{ prefix: 'a' }, 'invalid_key'],
  [{ prefix: '/' }, 'invalid_key'],
  [{ prefix: '../' }, 'invalid_key'],
  [{ key: '' }, 'invalid_key'],
  [{ key: 'a', operations: [] }, 'invalid_option'],
  [{ key: 'a', operations: ['post'] }, 'invalid_option'],
  [{ key: 'a', maxSize: 5 }, 'invalid_option'],
  [{ key: 'a', allowedTypes: [] }, 'invalid_option'],
  [{ key: 'a', ifMatch: '"v1"' }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], maxDownloads: 1 }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], ifMatch: '"v1"', addRandomSuffix: true }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], ifMatch: '"v1"', allowOverwrite: false }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], visibility: 'Public' }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], allowedTypes: ['image'] }, 'invalid_option'],
  [{ key: 'a', overrides: 'true' }, 'invalid_option'],
  [{ key: 'a', maxDownloads: 0 }, 'invalid_option'],
  [{ key: 'a', resumeWindow: 60 }, 'invalid_option'],
  [{ key: 'a', operations: ['put'], confirm: true }, 'invalid_option'],
  [{ key: 'a', confirm: 'false' }, 'invalid_option'],
  [{ key: 'a', confirm: true }, 'issued'],
  [{ key: 'a', operations: ['delete'], ifMatch: '"v1"' }, 'issued'],
  [{ prefix: '', operations: ['put'], maxSize: 0, allowedTypes: [], visibility: 'private' }, 'issued'],
])('%j is %s', async (options, code) => {
  expect(await codeOf(files.issueSignedToken(options as DelegationOptions))).toBe(code)
})

test('a delegation to upload needs a storage that can hold uploads to it', async () => {
  const put = { prefix: '', operations: ['put'] } as const
  expect(await codeOf(latchkeyOn({ conditionalWrites: false }).issueSignedToken(put))).toBe('invalid_option')
  expect(await codeOf(latchkeyOn({ conditionalWrites: false }).issueSignedToken({ prefix: '' }))).toBe(
    'issued',
  )
  const open = { ...put, visibility: 'public' } as const
  expect(await codeOf(latchkeyOn({ metadata: false }).issueSignedToken(open))).toBe('invalid_option')
})

test('what nothing here holds a request to is refused: a pin for a whole object, a count without a ledger', async () => {
  const put = await files.issueSignedToken({ prefix: '', operations: ['put'] })
  const part = { operation: 'put', key: 'a', pin: { uploadId: 'u1', partNumber: 1 }, now: () => NOW } as const
  expect(await statusOf('PUT', (await presignUrl(put, part)).url)).toBe(403)
  const get = await files.issueSignedToken({ prefix: '' })
  // A misconfigured server's fault, not the client's.
  const counted = { operation: 'get', key: 'a', maxDownloads: 1, now: () => NOW } as const
  expect(await statusOf('GET', (await presignUrl(get, counted)).url)).toBe(503)
})
