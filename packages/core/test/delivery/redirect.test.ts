import { expect, test } from 'vitest'
import { createLatchkey, type LatchkeyOptions, type StorageDriver, type UrlOptions } from '../../src/index.js'
import { openLedger } from '../minting/open-ledger.js'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const KEYS = [{ id: 'k1', secret: 's'.repeat(32) }]
const stat = { size: 1, etag: '"v1"', lastModified: new Date(NOW) }

/** A storage that gives out URLs of its own. */
const storage: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  presigning: { readUrl: async () => 'https://bucket.example/a' },
  stat: async () => stat,
  open: async () => ({ stat, read: async () => new Uint8Array(1), close: async () => {} }),
  write: async () => {
    throw new Error('nothing is stored here')
  },
  delete: async () => false,
}

function mount(options: Partial<LatchkeyOptions> = {}) {
  const ledger = {
    ...openLedger,
    claim: async () => true,
    isSpent: async () => false,
    isRevoked: async () => false,
  }
  const shared = { baseUrl: '/files', keys: KEYS, storage, ledger, delivery: 'redirect' as const }
  return createLatchkey({ ...shared, now: () => NOW, ...options })
}

async function statusOf(files: ReturnType<typeof mount>, url: string, method = 'GET'): Promise<number> {
  const form = new TextEncoder().encode('confirm=1')
  const reply = await files.handle({
    method,
    path: url.slice('/files'.length),
    header: (name) =>
      method === 'POST' && name === 'content-type' ? 'application/x-www-form-urlencoded' : undefined,
    address: () => '192.0.2.1',
    bodyAlreadyRead: false,
    body:
      method === 'POST'
        ? (async function* () {
            yield form
          })()
        : null,
  })
  return reply.status
}

test('what asks for nothing more goes to the storage', async () => {
  const files = mount()
  const { url } = await files.signedUrl('a.bin')
  expect(await statusOf(files, url)).toBe(302)
})

const held: readonly (readonly [string, UrlOptions])[] = [
  ['downloads that are counted', { maxDownloads: 2 }],
  ['a token that is bound to addresses', { allowedAddresses: ['192.0.2.1'] }],
  ['a token that can be revoked', { revocable: true }],
  ['a token that can be revoked with its subject', { subject: 'eve' }],
]

test.each(held)('nobody is sent away with %s', async (_what, options) => {
  const files = mount()
  const { url } = await files.signedUrl('a.bin', options)
  expect(await statusOf(files, url)).toBe(200)
})

test('nobody is sent away with a download that was confirmed', async () => {
  const files = mount()
  const { url } = await files.signedUrl('a.bin', { confirm: true })
  expect(await statusOf(files, url, 'POST')).toBe(200)
})

test('nobody is sent away where the mount has every token looked up', async () => {
  const { url } = await mount().signedUrl('a.bin')
  expect(await statusOf(mount(), url)).toBe(302)
  expect(await statusOf(mount({ revocable: true }), url)).toBe(200)
})
