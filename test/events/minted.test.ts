import { expect, test } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { jsonOf, latchkeyWith, NOW, post, send, upload } from '../readme/exchange.js'
import { eventsOf, recordEvents } from './recorded.js'

const HOUR = 3_600_000
const STAYS = { keyId: 'k1', expiresAt: new Date(NOW + HOUR) }

test('all that is minted is told of, each as what it is', async () => {
  const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
  const told = recordEvents()
  const secrets = [
    (await files.signedUrl('a', { notBefore: NOW + 1000, maxDownloads: 3 })).url,
    (await files.signedUrl('b', { operations: ['delete'] })).url,
    (await files.signedUploadUrl('c', { maxSize: '1mb', allowedTypes: ['image/*'] })).url,
    (await files.signedTreeUrl('d/', { entry: 'index.html' })).url.split('/')[2],
    (await files.signedCookie('e/')).value,
    (await files.issueSignedToken({ prefix: 'f/', operations: ['get'] })).clientSigningToken,
    (await files.signUrl('/reports/42?secret=1', { method: 'POST' })).url,
  ]
  expect(eventsOf(told, 'minted')).toEqual([
    {
      what: 'url',
      key: 'a',
      operations: ['get', 'head'],
      notBefore: new Date(NOW + 1000),
      maxDownloads: 3,
      ...STAYS,
    },
    { what: 'url', key: 'b', operations: ['delete'], ...STAYS },
    {
      what: 'upload',
      key: 'c',
      operations: ['put'],
      maxSize: 1024 * 1024,
      allowedTypes: ['image/*'],
      ...STAYS,
    },
    { what: 'tree', prefix: 'd/', operations: ['get', 'head'], ...STAYS },
    { what: 'cookie', prefix: 'e/', operations: ['get', 'head'], ...STAYS },
    { what: 'delegation', prefix: 'f/', operations: ['get'], ...STAYS },
    { what: 'route', route: 'POST /reports/42', operations: ['get'], ...STAYS },
  ])
  const said = JSON.stringify(told)
  for (const secret of secrets) expect(said).not.toContain(secret)
  expect(said).not.toMatch(/token|secret|[\w-]{43}/)
})

test('what a token can be revoked by is told, and whom it is for', async () => {
  const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
  const told = recordEvents()
  const { id } = await files.signedUrl('a', { revocable: true, subject: 'ada' })
  expect(id).toHaveLength(16)
  expect(eventsOf(told, 'minted')).toMatchObject([{ id, subject: 'ada' }])
})

test('the key that signs is told of, also after a change', async () => {
  const files = latchkeyWith()
  const told = recordEvents()
  files.keys.reload([{ id: 'k9', secret: 'another secret of thirty-two bytes' }])
  await files.signedUrl('a')
  expect(eventsOf(told, 'minted')).toMatchObject([{ keyId: 'k9' }])
})

test('what the browser has minted is told of once, with what it was narrowed to', async () => {
  const files = latchkeyWith({ authorize: () => ({ expiresIn: '1h' }) })
  await upload(files, 'a')
  const told = recordEvents()
  expect((await post(files, '/files/a/signed-url', { expires_in: 60 })).status).toBe(200)
  expect((await post(files, '/files/signed-uploads', { key: 'b', size: 5 })).status).toBe(200)
  const multipart = await post(files, '/files/signed-uploads', { key: 'c', multipart: true })
  expect(multipart.status).toBe(200)
  expect((await post(files, '/files/signed-urls', { urls: [{ key: 'a' }, { key: 'none' }] })).status).toBe(
    200,
  )
  expect(
    eventsOf(told, 'minted').map(({ what, key, expiresAt, maxSize }) => [what, key, expiresAt, maxSize]),
  ).toEqual([
    ['url', 'a', new Date(NOW + 60_000), undefined],
    ['upload', 'b', STAYS.expiresAt, 5],
    ['upload', 'c', STAYS.expiresAt, undefined],
    ['url', 'a', STAYS.expiresAt, undefined],
  ])
})

test('what was not minted is not told of', async () => {
  const files = latchkeyWith({ authorize: (_, { key }) => (key === 'a' ? {} : 'forbidden') })
  const told = recordEvents()
  await expect(files.signedUrl('../a')).rejects.toThrow()
  await expect(files.signedTreeUrl('a')).rejects.toThrow()
  await expect(files.signedCookie('a/', { domain: 'a b' })).rejects.toThrow()
  await expect(files.signedCookie('a/', { sameSite: 'none', secure: false })).rejects.toThrow()
  await expect(files.signUrl('/a', { method: 'post' })).rejects.toThrow()
  expect((await post(files, '/files/a/signed-url')).status).toBe(404)
  expect((await post(files, '/files/b/signed-url')).status).toBe(403)
  expect(eventsOf(told, 'minted')).toEqual([])
})

test('the URL for an upload in parts under another key is told of', async () => {
  const files = latchkeyWith()
  const { url } = await files.signedUploadUrl('a', { addRandomSuffix: true })
  const told = recordEvents()
  const headers = { accept: 'application/json' }
  const { key } = await jsonOf(await send(files, 'POST', `${url}&uploads`, { headers }))
  expect(eventsOf(told, 'minted')).toMatchObject([{ what: 'upload', key }])
})
