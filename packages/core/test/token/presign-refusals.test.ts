import { describe, expect, test } from 'vitest'
import {
  type DelegationOptions,
  narrow,
  type PortableSignedToken,
  type PresignOptions,
  presignUrl,
} from '../../src/token/index.js'
import { delegated, refusalOf } from './delegated.js'
import { KEY, NOW } from './tools.js'

const now = () => NOW
const get = { operation: 'get', key: KEY, now } as const
const put = { operation: 'put', key: KEY, now } as const
const reports = { prefix: 'reports/' } as const
const suffixed = { ...put, addRandomSuffix: true }
const uploads = { ...reports, operations: ['put'] } as const

describe('presignUrl', () => {
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
    ['resumeWindow needs maxDownloads', { ...reports, maxDownloads: 5 }, { ...get, resumeWindow: 60 }],
    ['resumeWindow must', reports, { ...get, maxDownloads: 5, resumeWindow: '8d' }],
    ['resumeWindow does not go with', uploads, { ...put, resumeWindow: 5 }],
    ['confirm: the delegation asks', { ...reports, confirm: true }, { ...get, confirm: false }],
    ['confirm must', reports, { ...get, confirm: 1 as unknown as boolean }],
    ['confirm does not go with', uploads, { ...put, confirm: true }],
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

test('refuses another upload or part than a URL is pinned to', async () => {
  const { url } = await presignUrl(delegated(uploads), { ...put, pin: { uploadId: 'u1', partNumber: 1 } })
  for (const pin of [
    { uploadId: 'u1' },
    { uploadId: 'u1', partNumber: 2 },
    { uploadId: 'u2', partNumber: 1 },
  ]) {
    expect(await refusalOf(narrow(url, { pin, now }))).toMatch(/^invalid_option: pin: the URL is for another/)
  }
  expect(await refusalOf(narrow(url, { pin: { uploadId: 'u1', partNumber: 1 }, now }))).toBe(
    'nothing was thrown',
  )
})
