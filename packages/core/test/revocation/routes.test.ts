import { expect, test } from 'vitest'
import { memoryLedger } from '../../../ledgers/src/memory/index.js'
import type { GateRequest } from '../../src/index.js'
import { openLedger } from '../minting/open-ledger.js'
import { mount, NOW } from './mount.js'

const revocable = true
const BASE = 'https://app.example.com'

function asked(url: string, method = 'GET'): GateRequest {
  return { method, path: url.slice(BASE.length), header: () => undefined, body: null, bodyAlreadyRead: false }
}

const mounted = () => mount({ ledger: memoryLedger({ now: () => NOW }) }).files

async function statusOf(files: ReturnType<typeof mounted>, url: string, method?: string): Promise<number> {
  const verdict = await files.verifyRoute(asked(url, method))
  return 'refusal' in verdict ? verdict.refusal.status : 200
}

test.each([
  ['its URL', 'url'],
  ['its id', 'id'],
] as const)('a URL for a route is revoked by %s, whatever its method', async (_name, by) => {
  const files = mounted()
  for (const method of ['GET', 'POST', 'DELETE']) {
    const { url, id = '' } = await files.signUrl('/confirm?a=1', { method, revocable })
    const other = await files.signUrl('/confirm?a=1', { method, revocable })
    expect(await statusOf(files, url, method)).toBe(200)
    await files.revoke(by === 'url' ? { url } : { id })
    const verdict = await files.verifyRoute(asked(url, method))
    expect(JSON.parse(String('refusal' in verdict && verdict.refusal.body)).code).toBe('revoked')
    expect(await statusOf(files, other.url, method)).toBe(200)
  }
})

test('a subject is revoked for routes, too, and a prefix of keys is not about them', async () => {
  const files = mounted()
  const { url } = await files.signUrl('/users/42/confirm', { subject: 'eve' })
  await files.revoke({ keyPrefix: 'users/' })
  expect(await statusOf(files, url)).toBe(200)
  await files.revoke({ subject: 'eve' })
  expect(await statusOf(files, url)).toBe(403)
})

test('a URL that is for no route of ours is refused', async () => {
  const files = mounted()
  const { url } = await files.signUrl('/confirm?a=1', { revocable })
  const stateless = await files.signUrl('/confirm?a=1')
  const odd = await files.signUrl('/confirm', { method: 'PURGE', revocable })
  for (const other of [url.replace('a=1', 'a=2'), `${url}x`, stateless.url, odd.url]) {
    await expect(files.revoke({ url: other })).rejects.toMatchObject({ code: 'invalid_option' })
  }
})

test('where the ledger fails the route is not reached, and the app is told', async () => {
  const faults: unknown[] = []
  const isRevoked = () => Promise.reject(new Error('down'))
  const { files } = mount({ ledger: { ...openLedger, isRevoked }, onError: (fault) => faults.push(fault) })
  const { url } = await files.signUrl('/confirm', { revocable })
  const verdict = await files.verifyRoute(asked(url))
  expect(JSON.parse(String('refusal' in verdict && verdict.refusal.body)).code).toBe('ledger_unavailable')
  expect(faults).toHaveLength(1)
})
