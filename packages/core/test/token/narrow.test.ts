import { describe, expect, test } from 'vitest'
import { type Grant, type NarrowOptions, narrow, type Operation, verify } from '../../src/token/index.js'
import { BASE, refusalOf, tokenOf } from './delegated.js'
import { END, KEY, minted, NOW, request } from './tools.js'

const now = () => NOW
const URL_OF = (token: string) => `${BASE}/${KEY}?token=${token}`

function granted(url: { readonly url: string }, operation: Operation = 'get'): Grant | undefined {
  const result = verify({ ...request, token: tokenOf(url), operation })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? result.grant : undefined
}

describe('narrow', () => {
  test('shortens, limits and leaves the key as it is', async () => {
    const url = await narrow(URL_OF(minted()), { expiresIn: '5m', maxDownloads: 1, operations: ['get'], now })
    expect(url.expiresAt).toEqual(new Date(NOW + 300_000))
    expect(granted(url)).toMatchObject({
      scope: { key: KEY },
      operations: ['get'],
      expiresAt: NOW / 1000 + 300,
      downloadLimits: [{ limit: 1, expiresAt: NOW / 1000 + 300 }],
    })
    expect(tokenOf(url)).toContain('~p0.')
    expect(granted(url, 'head')).toBeUndefined()
  })

  test('caps the end, and keeps it unless told', async () => {
    for (const life of [{}, { expiresIn: '7d' }, { validUntil: NOW + 9e11 }]) {
      const url = await narrow(URL_OF(minted()), { ...life, maxSize: 1, now })
      expect(url.expiresAt).toEqual(new Date(END * 1000))
      expect(granted(url)?.expiresAt).toBe(END)
    }
  })

  test('narrows what an upload may be', async () => {
    const token = minted({ operations: ['put'], allowOverwrite: true, visibility: 'public', maxSize: 9 })
    const url = await narrow(URL_OF(token), {
      maxSize: 5,
      allowedTypes: ['image/png'],
      allowOverwrite: false,
      visibility: 'private',
      addRandomSuffix: true,
      pin: { uploadId: 'u1' },
      now,
    })
    expect(granted(url, 'put')).toMatchObject({
      maxSize: 5,
      allowedTypes: ['image/png'],
      write: { create: true, replace: 'none' },
      visibility: 'private',
      addRandomSuffix: true,
      pin: { uploadId: 'u1' },
    })
  })

  test.each([
    ['/files/a?token=T', '/files/a?token=', ''],
    [
      'https://a.example/x/%2e%41/ä?b=1&token=T&c=%2F+&token2=x#token=y',
      'https://a.example/x/%2e%41/ä?b=1&token=',
      '&c=%2F+&token2=x#token=y',
    ],
    ['?token=T#?token=z', '?token=', '#?token=z'],
    ['/a?&&token=T&', '/a?&&token=', '&'],
    ['/a?b?token=x&token=T', '/a?b?token=x&token=', ''],
  ])('keeps the rest of %s', async (given, before, after) => {
    const token = minted()
    const { url } = await narrow(given.replace('=T', `=${token}`), { maxDownloads: 1, now })
    expect(url.startsWith(before)).toBe(true)
    expect(url.endsWith(after)).toBe(true)
    const narrowed = url.slice(before.length, url.length - after.length)
    expect(narrowed.startsWith(token.slice(0, -43))).toBe(true)
    expect(granted({ url: `?token=${narrowed}` })?.downloadLimits).toHaveLength(1)
  })

  test.each([
    ['/files/T/reports/2026/', '/files/', '/reports/2026/'],
    [
      'https://a.example/x/T/reports/%2e/ä?b=1&tokens=2#token=y',
      'https://a.example/x/',
      '/reports/%2e/ä?b=1&tokens=2#token=y',
    ],
    ['/T/a', '/', '/a'],
  ])('finds the token in the path of %s', async (given, before, after) => {
    const token = minted({}, { prefix: 'reports/2026/' })
    const { url } = await narrow(given.replace('T', token), { maxDownloads: 1, now })
    expect(url.startsWith(before + token.slice(0, -43))).toBe(true)
    expect(url.endsWith(after)).toBe(true)
    const narrowed = url.slice(before.length, url.length - after.length)
    expect(granted({ url: `?token=${narrowed}` })?.downloadLimits).toHaveLength(1)
  })

  test('takes no other segment for a token, and no token of two', async () => {
    const token = minted()
    for (const [text, url] of [
      ['has no token', `/files/${token}`],
      ['has no token', `/files/${token}x/a`],
      ['has no token', `/files/%6b${token.slice(1)}/a`],
      ['has no token', `/files/a?b=/${token}/`],
      ['has no token', `/files/a#/${token}/b`],
      ['more than one token', `/files/${token}/${token}/a`],
      ['malformed token', `/files/${token}/a?token=x`],
    ] as const) {
      expect(await refusalOf(narrow(url, { maxDownloads: 1, now })), url).toContain(text)
    }
  })

  test.each([
    ['has no token', '/files/a'],
    ['has no token', '/files/a?tokens=T'],
    ['has no token', '/files/a#?token=T'],
    ['has no token', '/files/token=T'],
    ['has no token', '/files/a?%74oken=T'],
    ['more than one token', '/files/a?token=T&token=T'],
    ['more than one token', '/files/a?token=&token=T'],
    ['malformed token', '/files/a?token='],
    ['malformed token', '/files/a?token=T='],
    ['malformed token', '/files/a?token=T.'],
    ['malformed token', '/files/a?token=%20T'],
  ])('says what is wrong with a URL: %s', async (text, url) => {
    const refusal = await refusalOf(narrow(url.replaceAll('=T', `=${minted()}`), { maxDownloads: 1, now }))
    expect(refusal).toMatch(/^invalid_option: /)
    expect(refusal).toContain(text)
  })

  test.each<[string, NarrowOptions]>([
    ['operations: the URL does not allow put', { operations: ['get', 'put'] }],
    ['none of these operations', { operations: [] }],
    ['maxSize: the URL allows 5 bytes', { maxSize: 6 }],
    ['allowedTypes', { allowedTypes: ['text/plain'] }],
    ['allowOverwrite', { allowOverwrite: true }],
    ['visibility', { visibility: 'public' }],
    ['addRandomSuffix', { addRandomSuffix: false }],
    ['ifMatch', { ifMatch: '"v1"' }],
    ['overrides', { download: true }],
    ['overrides', { cacheControlMaxAge: 1 }],
    ['maxDownloads', { maxDownloads: 0 }],
    ['maxDownloads', { maxDownloads: -1 }],
    ['maxDownloads', { maxDownloads: 1.5 }],
    ['maxDownloads', { maxDownloads: 2 ** 53 }],
    ['maxDownloads', { maxDownloads: Number.NaN }],
    ['resumeWindow needs maxDownloads', { resumeWindow: 60 }],
    ['resumeWindow must', { maxDownloads: 1, resumeWindow: 0 }],
    ['confirm: the URL asks', { confirm: false }],
    ['The URL has expired', { now: () => END * 1000 }],
    ['life', { expiresIn: 0 }],
    ['notBefore', { notBefore: END * 1000 }],
  ])('refuses to ask for more: %s', async (text, options) => {
    const token = minted({ maxSize: 5, allowedTypes: ['image/*'], addRandomSuffix: true, confirm: true })
    const refusal = await refusalOf(narrow(URL_OF(token), { now, ...options }))
    expect(refusal).toMatch(/^invalid_option: /)
    expect(refusal).toContain(text)
  })
})
