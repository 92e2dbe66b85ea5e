import { describe, expect, test } from 'vitest'
import {
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
const suffixed = { ...put, addRandomSuffix: true }
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

  const _suffixed = { ...put, addRandomSuffix: true }
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
