import { describe, expect, test } from 'vitest'
import {
  type DelegationOptions,
  type Grant,
  type Operation,
  type PortableSignedToken,
  type PresignOptions,
  presignUrl,
  verify,
} from '../../src/token/index.js'
import { BASE, delegated, refusalOf, tokenOf } from './delegated.js'
import { END, KEY, NOW, request } from './tools.js'

const now = () => NOW
const get = { operation: 'get', key: KEY, now } as const
const put = { operation: 'put', key: KEY, now } as const
const reports = { prefix: 'reports/' } as const
const uploads = { ...reports, operations: ['put'] } as const

function granted(
  url: { readonly url: string },
  operation: Operation,
  key = KEY,
  at = NOW,
): Grant | undefined {
  const result = verify({ ...request, token: tokenOf(url), key, operation, now: at })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? result.grant : undefined
}

describe('presignUrl', () => {
  test('gives a URL for one key and one operation', async () => {
    const signed = await presignUrl(delegated(reports), get)
    expect(signed).toMatchObject({ key: KEY, method: 'GET', expiresAt: new Date(END * 1000) })
    expect(signed.url.startsWith(`${BASE}/${KEY}?token=`)).toBe(true)
    expect(granted(signed, 'get')).toMatchObject({ scope: { key: KEY }, operations: ['get'] })
    expect(granted(signed, 'head')).toBeUndefined()
    expect(granted(signed, 'get', 'reports/2026/q4.pdf')).toBeUndefined()
  })

  test.each(['delete', 'get', 'head', 'put'] as const)('covers %s', async (operation) => {
    const token = delegated({ prefix: '', operations: ['delete', 'get', 'head', 'put'] })
    const signed = await presignUrl(token, { operation, key: 'ä b/+.txt', now })
    expect(signed.method).toBe(operation.toUpperCase())
    expect(signed.url).toContain('/%C3%A4%20b/%2B.txt?token=')
    expect(granted(signed, operation, 'ä b/+.txt')?.operations).toEqual([operation])
  })

  test.each([
    ['ISO 8601', (token: object) => JSON.stringify(token)],
    ['milliseconds', (token: object) => JSON.stringify({ ...token, validUntil: NOW })],
    ['nothing', (token: object) => JSON.stringify({ ...token, validUntil: undefined })],
  ])('takes a delegation that was JSON, its end as %s', async (_name, write) => {
    const token: PortableSignedToken = JSON.parse(write(delegated({ key: KEY, operations: ['put'] })))
    const signed = await presignUrl(token, put)
    expect(granted(signed, 'put')?.expiresAt).toBe(END)
  })

  test('caps the end, whether it comes as a life or as a moment', async () => {
    const token = delegated({ ...reports, expiresIn: '10m' })
    const end = new Date(NOW + 600_000)
    expect(token.validUntil).toEqual(end)
    for (const life of [
      {},
      { expiresIn: '30d' },
      { validUntil: NOW + 9e11 },
      { expiresIn: 253_402_300_799 },
    ]) {
      const signed = await presignUrl(token, { ...get, ...life })
      expect(signed.expiresAt).toEqual(end)
      expect(granted(signed, 'get', KEY, end.getTime() - 1)?.expiresAt).toBe(end.getTime() / 1000)
      expect(granted(signed, 'get', KEY, end.getTime())).toBeUndefined()
    }
    expect((await presignUrl(token, { ...get, expiresIn: 60 })).expiresAt).toEqual(new Date(NOW + 60_000))
    expect((await presignUrl(delegated({ ...reports, expiresIn: '7d' }), get)).expiresAt).toEqual(
      new Date(END * 1000),
    )
  })

  test('leaves what is not told as the delegation has it, and narrows what is', async () => {
    const token = delegated({
      ...uploads,
      maxSize: '5mb',
      allowedTypes: ['image/*'],
      allowOverwrite: true,
      visibility: 'public',
      payload: '{}',
      subject: 'user 7',
      cacheControlMaxAge: 60,
    })
    expect(granted(await presignUrl(token, put), 'put')).toMatchObject({
      maxSize: 5_242_880,
      allowedTypes: ['image/*'],
      write: { create: true, replace: 'any' },
      visibility: 'public',
      payload: '{}',
      subject: 'user 7',
      cacheControlMaxAge: 60,
    })
    const narrower: PresignOptions = {
      ...put,
      maxSize: 9,
      allowedTypes: ['Image/PNG'],
      allowOverwrite: false,
      visibility: 'private',
      notBefore: NOW + 1000,
      pin: { uploadId: 'u1', partNumber: 3 },
    }
    expect(granted(await presignUrl(token, narrower), 'put', KEY, NOW + 1000)).toMatchObject({
      maxSize: 9,
      allowedTypes: ['image/png'],
      write: { create: true, replace: 'none' },
      visibility: 'private',
      notBefore: NOW / 1000 + 1,
      pin: { uploadId: 'u1', partNumber: 3 },
    })
    const one = await presignUrl(token, { ...put, ifMatch: '"v1"' })
    expect(granted(one, 'put')?.write).toEqual({ create: false, replace: { etag: '"v1"' } })
  })

  test('counts the downloads of a URL beside those of its delegation', async () => {
    const token = delegated({ ...reports, maxDownloads: 9 })
    const ids = new Set<string>()
    for (let urls = 0; urls < 3; urls++) {
      const limits =
        granted(await presignUrl(token, { ...get, maxDownloads: 2 }), 'get')?.downloadLimits ?? []
      expect(limits.map(({ limit }) => limit)).toEqual([9, 2])
      for (const { id } of limits) ids.add(id)
    }
    expect(ids.size).toBe(1 + 3)
  })

  test('puts a random suffix on the key, unless the server will', async () => {
    const token = delegated(uploads)
    const [one, other] = [await presignUrl(token, suffixed), await presignUrl(token, suffixed)]
    expect(one.key).toMatch(/^reports\/2026\/q3-[A-Za-z0-9_-]{22}\.pdf$/)
    expect(one.key).not.toBe(other.key)
    expect(one.url.startsWith(`${BASE}/${one.key}?token=`)).toBe(true)
    expect(granted(one, 'put', one.key)?.addRandomSuffix).toBe(false)
    expect(granted(one, 'put')).toBeUndefined()
    const byServer = await presignUrl(delegated({ ...uploads, addRandomSuffix: true }), suffixed)
    expect(byServer.key).toBe(KEY)
    expect(granted(byServer, 'put')?.addRandomSuffix).toBe(true)
  })

  const suffixed = { ...put, addRandomSuffix: true }

  test.each<[string, DelegationOptions, PresignOptions]>([
    ['operation: the delegation does not grant put', reports, put],
    ['operation must be', reports, { ...get, operation: 'post' as 'put' }],
    ['operation must be', reports, { ...get, operation: 'toString' as 'put' }],
    ["key: the delegation has only keys that begin with 'reports/'", reports, { ...get, key: 'reports-2/a' }],
    ["key: the delegation has only keys that begin with 'reports/'", reports, { ...get, key: 'reports' }],
    [`key: the delegation has only the key '${KEY}'`, { key: KEY }, { ...get, key: `${KEY}/a` }],
    ['maxSize: the delegation allows 5 bytes', { ...uploads, maxSize: 5 }, { ...put, maxSize: 6 }],
    ['allows 0 bytes', { ...uploads, maxSize: 0 }, { ...put, maxSize: 1 }],
    [
      'does not allow image/*',
      { ...uploads, allowedTypes: ['image/png'] },
      { ...put, allowedTypes: ['image/*'] },
    ],
    ['does not allow a/b', { ...uploads, allowedTypes: [] }, { ...put, allowedTypes: ['a/b'] }],
    ['allowOverwrite: the', uploads, { ...put, allowOverwrite: true }],
    ['allowOverwrite: the', { ...uploads, ifMatch: '"v1"' }, { ...put, allowOverwrite: true }],
    ['leaves nothing', { ...uploads, ifMatch: '"v1"' }, { ...put, allowOverwrite: false }],
    [
      'leaves nothing',
      { ...uploads, allowOverwrite: true },
      { ...put, allowOverwrite: false, ifMatch: '"v1"' },
    ],
    ['ifMatch: the delegation', uploads, { ...put, ifMatch: '"v1"' }],
    ['ifMatch: the delegation', { ...uploads, ifMatch: '"v1"' }, { ...put, ifMatch: '"v2"' }],
    ['visibility: the delegation', uploads, { ...put, visibility: 'public' }],
    ['addRandomSuffix: the', { ...uploads, addRandomSuffix: true }, { ...put, addRandomSuffix: false }],
    ['is for one key', { key: KEY, operations: ['put'] }, suffixed],
    ['does not grant overrides', reports, { ...get, download: true }],
    ['does not grant overrides', reports, { ...get, cacheControlMaxAge: 5 }],
    ['does not grant overrides', uploads, { ...put, cacheControlMaxAge: 5 }],
    ['notBefore', reports, { ...get, expiresIn: 60, notBefore: NOW + 60_000 }],
    ['The delegation has expired', { ...reports, expiresIn: 60 }, { ...get, now: () => NOW + 60_000 }],
    ['notBefore', { ...reports, notBefore: NOW + 60_000 }, { ...get, expiresIn: 60 }],
    ['exclude each other', reports, { ...get, expiresIn: 60, validUntil: NOW + 60_000 }],
    ['life', reports, { ...get, expiresIn: 0 }],
    ['life', reports, { ...get, validUntil: NOW - 1 }],
    ['maxDownloads must', reports, { ...get, maxDownloads: 0 }],
    ['pin is out', uploads, { ...put, pin: { uploadId: 'a:b' } }],
    ['allowedTypes must', uploads, { ...put, allowedTypes: ['image'] }],
    ['visibility must', uploads, { ...put, visibility: 'Public' as 'public' }],
    ['allowOverwrite must', uploads, { ...put, allowOverwrite: 0 as unknown as boolean }],
    ['maxSize does not go with the operation get', reports, { ...get, maxSize: 5 }],
    ['maxDownloads does not go with', uploads, { ...put, maxDownloads: 5 }],
    ['download does not go with', { ...uploads, overrides: true }, { ...put, download: true }],
    ['ifMatch does not go with', { ...reports, operations: ['get', 'delete'] }, { ...get, ifMatch: '"v1"' }],
  ])('refuses to ask for more: %s', async (text, delegation, options) => {
    const refusal = await refusalOf(presignUrl(delegated(delegation), options))
    expect(refusal).toMatch(/^invalid_option: /)
    expect(refusal).toContain(text)
  })

  test.each([
    '',
    '/a',
    'reports/../a',
    'reports/',
    'reports//a',
    'reports\\a',
    'a\nb',
    '\ud800',
    'x'.repeat(1025),
    7,
  ])('refuses a key that is none: %j', async (key) => {
    const options = { ...get, key: key as string }
    expect(await refusalOf(presignUrl(delegated({ prefix: '' }), options))).toMatch(/^invalid_key: /)
  })

  test.each<[string, (token: PortableSignedToken) => unknown]>([
    ['no signing token', (token) => ({ ...token, clientSigningToken: undefined })],
    [
      'a short signing token',
      (token) => ({ ...token, clientSigningToken: token.clientSigningToken.slice(1) }),
    ],
    ['a padded signing token', (token) => ({ ...token, clientSigningToken: `${token.clientSigningToken}=` })],
    ['no delegation token', (token) => ({ ...token, delegationToken: '' })],
    ['no base URL', (token) => ({ ...token, baseUrl: undefined })],
    ['no scope', (token) => ({ ...token, scope: undefined })],
    ['an empty scope', (token) => ({ ...token, scope: {} })],
    ['the scope of another', (token) => ({ ...token, scope: { prefix: 'reports/2026/' } })],
    ['the scope of a key', (token) => ({ ...token, scope: { key: 'reports/' } })],
    ['everything', (token) => ({ ...token, scope: { prefix: '' } })],
  ])('refuses a delegation with %s', async (_name, change) => {
    const token = change(delegated(reports)) as PortableSignedToken
    expect(await refusalOf(presignUrl(token, get))).toMatch(/^invalid_(option|key): /)
  })
})

describe('overrides', () => {
  test('let the holder of a delegation, not of its URLs, present objects', async () => {
    const token = delegated({ ...reports, overrides: true, download: 'theirs.pdf' })
    const signed = await presignUrl(token, { ...get, download: 'mine.pdf', cacheControlMaxAge: 5 })
    expect(granted(signed, 'get')).toMatchObject({
      download: { disposition: 'attachment', filename: 'mine.pdf' },
      cacheControlMaxAge: 5,
    })
    const joined = { ...token, delegationToken: tokenOf(signed).slice(0, -44), scope: { key: KEY } }
    const held = { ...joined, clientSigningToken: tokenOf(signed).slice(-43) }
    expect(await refusalOf(presignUrl(held, { ...get, download: 'eve.html' }))).toContain(
      'does not grant overrides',
    )
  })

  test('are off unless told, and the delegation’s own presentation stays', async () => {
    const token = delegated({
      ...reports,
      download: 'theirs.pdf',
      responseHeaders: { 'Content-Type': 'text/plain' },
    })
    expect(granted(await presignUrl(token, get), 'get')).toMatchObject({
      download: { disposition: 'attachment', filename: 'theirs.pdf' },
      responseHeaders: { 'content-type': 'text/plain' },
    })
  })
})
