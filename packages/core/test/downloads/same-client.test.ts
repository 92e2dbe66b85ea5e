import { expect, test } from 'vitest'
import { createLatchkey, type DownloadClaim, type StorageDriver } from '../../src/index.js'
import { openLedger } from '../minting/open-ledger.js'

const stat = { size: 1, etag: '"v1"', lastModified: new Date(0) }
const storage: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: async () => stat,
  open: async () => ({ stat, read: async () => new Uint8Array(1), close: async () => {} }),
  write: async () => {
    throw new Error('nothing is stored here')
  },
  delete: async () => false,
}

interface Asker {
  readonly address?: () => string | undefined
  readonly agent?: string
}

/** What the ledger is told of each of the clients that ask for a part of one object with one URL. */
async function windowsOf(...askers: readonly Asker[]): Promise<DownloadClaim['resume'][]> {
  const claims: DownloadClaim[] = []
  const ledger = {
    ...openLedger,
    claim: async (claim: DownloadClaim) => {
      claims.push(claim)
      return true
    },
  }
  const keys = [{ id: 'k1', secret: 's'.repeat(32) }]
  const files = createLatchkey({ baseUrl: '/files', keys, storage, ledger })
  const { url } = await files.signedUrl('a.bin', { maxDownloads: 2, resumeWindow: 60 })
  for (const { address, agent = 'Mozilla/5.0' } of askers) {
    const { status } = await files.handle({
      method: 'GET',
      path: url.slice('/files'.length),
      header: (name) => ({ range: 'bytes=0-0', 'user-agent': agent })[name],
      body: null,
      bodyAlreadyRead: false,
      ...(address !== undefined && { address }),
    })
    expect(status).toBe(206)
  }
  expect(claims).toHaveLength(askers.length)
  return claims.map(({ resume }) => resume)
}

test.each([
  ['no address', {}],
  ['an address that is not known', { address: () => undefined }],
  ['an empty address', { address: () => '' }],
])('a browser with %s has no window, as its name is that of thousands', async (_what, asker) => {
  expect(await windowsOf(asker)).toEqual([undefined])
})

test('the same browser at another address is another client, and so is another browser at the same', async () => {
  const address = () => '192.0.2.1'
  const windows = await windowsOf(
    { address },
    { address },
    { address: () => '192.0.2.2' },
    { address, agent: 'curl/8' },
  )
  const [first, again, elsewhere, other] = windows.map((window) => window?.client)
  expect(windows[0]).toMatchObject({ seconds: 60, joins: true })
  expect(again).toBe(first)
  expect(new Set([first, elsewhere, other]).size).toBe(3)
})
