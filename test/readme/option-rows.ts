import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError, type LatchkeyOptions, type UploadOptions, type UrlOptions } from '@latchkey/core'
import { type FsDriverOptions, fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import { expect, vi } from 'vitest'
import { resolveSettings } from '../../packages/core/src/settings.js'
import { readSettings } from '../../packages/drivers/src/fs/settings.js'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { clientRows } from './client-rows.js'
import { delegationRows, narrowRows, presignRows } from './delegation-rows.js'
import { deliveryRows } from './delivery-rows.js'
import {
  codeOf,
  expectInvalid,
  KEYS,
  latchkeyWith,
  NOW,
  newFolder,
  read,
  SECRET,
  send,
  textOf,
  upload,
} from './exchange.js'
import { postgresLedgerRows, redisLedgerRows, sqliteLedgerRows } from './ledger-rows.js'
import { flydriveRows, flystorageRows, unstorageRows } from './library-rows.js'
import { completionRows, mintingRows } from './minting-rows.js'
import { revokeRows } from './revocation-rows.js'
import { routeUrlRows } from './route-rows.js'
import type { Rows } from './rows.js'
import { s3DriverRows } from './s3-rows.js'
import { memoryLedgerRows, webhookRows } from './service-rows.js'
import { cookieRows, treeUrlRows } from './tree-rows.js'
import { stableRow, validityRows } from './validity-rows.js'

const DAY = 86_400

const createLatchkeyRows: Rows = {
  baseUrl: {
    default: 'required',
    async check() {
      for (const baseUrl of ['https://app.example.com/files', '/files']) {
        const { url } = await latchkeyWith({ baseUrl }).signedUrl('a')
        expect(url).toContain(`${baseUrl}/a?token=`)
      }
      const bad = [
        '',
        'files',
        '//host/files',
        '/files?a',
        '/files#a',
        'https://me:you@host/files',
        'ftp://host/',
      ]
      await expectInvalid(...bad.map((baseUrl) => () => latchkeyWith({ baseUrl })))
    },
  },
  appUrl: {
    default: 'the origin of baseUrl',
    async check() {
      const urlWith = async (options: Partial<LatchkeyOptions>) =>
        (await latchkeyWith(options).signUrl('/a')).url.split('?')[0]
      expect(await urlWith({ baseUrl: 'https://app.example.com/files' })).toBe('https://app.example.com/a')
      expect(await urlWith({ baseUrl: '/files' })).toBe('/a')
      expect(await urlWith({ appUrl: 'https://example.com/app/' })).toBe('https://example.com/app/a')
      expect(await urlWith({ appUrl: '/app' })).toBe('/app/a')
      await expectInvalid(
        ...['', 'app', '//host', '/a?b', 'ftp://host/'].map((appUrl) => () => latchkeyWith({ appUrl })),
      )
    },
  },
  keys: {
    default: 'required',
    async check() {
      await expectInvalid(() => latchkeyWith({ keys: [] }))
      const other = { id: 'k2', secret: SECRET.toUpperCase() }
      const { url } = await latchkeyWith({ keys: [other, ...KEYS] }).signedUrl('a')
      expect(url).toContain('token=k2.')
      const old = await latchkeyWith().signedUrl('a')
      expect(codeOf(await send(latchkeyWith({ keys: [other, ...KEYS] }), 'GET', old.url))).toBe('not_found')
      expect(codeOf(await send(latchkeyWith({ keys: [other] }), 'GET', old.url))).toBe('invalid_signature')
    },
  },
  'keys[].id': {
    default: 'required',
    async check() {
      const withId = (id: string) => latchkeyWith({ keys: [{ id, secret: SECRET }] })
      for (const id of ['a', 'AZaz09_-'.repeat(8)]) {
        expect((await withId(id).signedUrl('a')).url).toContain(`token=${id}.`)
      }
      await expectInvalid(...['', 'a'.repeat(65), 'a.b', 'ä'].map((id) => () => withId(id)))
    },
  },
  'keys[].secret': {
    default: 'required',
    async check() {
      const withSecret = (secret: string | Uint8Array | undefined) =>
        latchkeyWith({ keys: [{ id: 'k', secret }] })
      for (const secret of ['x'.repeat(32), new Uint8Array(32)]) withSecret(secret)
      const short = [undefined, '', 'x'.repeat(31), new Uint8Array(31)]
      await expectInvalid(...short.map((secret) => () => withSecret(secret)))
    },
  },
  storage: {
    default: 'required',
    async check() {
      const storage = memoryDriver()
      expect(latchkeyWith({ storage }).storage).toBe(storage)
    },
  },
  audience: {
    default: 'the baseUrl',
    async check() {
      const { url } = await latchkeyWith().signedUrl('a')
      const answer = async (options: Partial<LatchkeyOptions>) =>
        codeOf(await send(latchkeyWith(options), 'GET', url))
      expect(await answer({ audience: '/files' })).toBe('not_found')
      expect(await answer({ audience: 'another' })).toBe('invalid_signature')
      expect(await answer({ baseUrl: '/other' })).toBe('invalid_signature')
      latchkeyWith({ audience: 'a'.repeat(1016) })
      await expectInvalid(
        () => latchkeyWith({ audience: '' }),
        () => latchkeyWith({ audience: 'a'.repeat(1017) }),
      )
    },
  },
  tokenCacheSize: {
    default: '1024',
    async check() {
      const remembered = (size: number | undefined) =>
        resolveSettings({
          baseUrl: '/files',
          keys: KEYS,
          storage: memoryDriver(),
          ...(size !== undefined && { tokenCacheSize: size }),
        }).remembered?.limit
      expect([remembered(undefined), remembered(0), remembered(1_000_000)]).toEqual([
        1024,
        undefined,
        1_000_000,
      ])
      await expectInvalid(
        ...[-1, 1.5, 1_000_001, Number.NaN].map((size) => () => latchkeyWith({ tokenCacheSize: size })),
      )
    },
  },
  expiry: {
    default: 'see below',
    async check() {
      expect(await lifeOf(latchkeyWith({ expiry: {} }))).toBe(3600)
    },
  },
  'expiry.default': {
    default: '3600 s',
    async check() {
      expect(await lifeOf(latchkeyWith())).toBe(3600)
      expect(await lifeOf(latchkeyWith({ expiry: { default: '10m' } }))).toBe(600)
      await expectInvalid(
        () => latchkeyWith({ expiry: { default: 59, minimum: 60 } }),
        () => latchkeyWith({ expiry: { default: 61, maximum: 60 } }),
      )
    },
  },
  'expiry.minimum': {
    default: '1 s',
    async check() {
      expect(await lifeOf(latchkeyWith(), { expiresIn: 1 })).toBe(1)
      await expectInvalid(
        () => latchkeyWith({ expiry: { minimum: 0 } }),
        () => latchkeyWith({ expiry: { minimum: 60 } }).signedUrl('a', { expiresIn: 59 }),
      )
    },
  },
  'expiry.maximum': {
    default: '604800 s (7 days)',
    async check() {
      expect(await lifeOf(latchkeyWith(), { expiresIn: 604_800 })).toBe(7 * DAY)
      await expectInvalid(() => latchkeyWith().signedUrl('a', { expiresIn: 604_801 }))
      expect(await lifeOf(latchkeyWith({ expiry: { maximum: '30d' } }), { expiresIn: '30d' })).toBe(30 * DAY)
    },
  },
  maxUploadSize: {
    default: '5gb',
    async check() {
      const limit = 5 * 1024 ** 3
      const announced = (size: number) => ({ body: 'x', headers: { 'content-length': String(size) } })
      expect(codeOf(await upload(latchkeyWith(), 'a', announced(limit + 1)))).toBe('too_large')
      expect(codeOf(await upload(latchkeyWith(), 'a', announced(limit)))).toBe('length_mismatch')
      const small = latchkeyWith({ maxUploadSize: 4 })
      expect(codeOf(await upload(small, 'a', { body: 'hello' }, { maxSize: '1mb' }))).toBe('too_large')
      expect((await upload(latchkeyWith({ maxUploadSize: 0 }), 'a', { body: '' })).status).toBe(201)
      await expectInvalid(
        () => latchkeyWith({ maxUploadSize: -1 }),
        () => latchkeyWith({ maxUploadSize: '5 parsecs' }),
      )
    },
  },
  ...deliveryRows,
  visibility: {
    default: 'as stored',
    async check() {
      const storage = memoryDriver()
      await upload(latchkeyWith({ storage }), 'a', { body: 'x' }, { visibility: 'public' })
      const statusFor = async (options: Partial<LatchkeyOptions>) =>
        (await send(latchkeyWith({ storage, ...options }), 'GET', '/files/a')).status
      expect(await statusFor({})).toBe(200)
      expect(await statusFor({ visibility: 'private' })).toBe(403)
      expect(await statusFor({ visibility: (key) => (key === 'b' ? 'public' : 'private') })).toBe(403)
      expect(await statusFor({ visibility: async (key) => (key === 'a' ? 'public' : 'private') })).toBe(200)
      const asked = vi.spyOn(storage, 'stat')
      await statusFor({ visibility: 'private' })
      expect(asked).not.toHaveBeenCalled()
      // @ts-expect-error what JavaScript may pass
      await expectInvalid(...['public', true, null].map((visibility) => () => latchkeyWith({ visibility })))
    },
  },
  sniff: {
    default: 'none',
    async check() {
      const sizes: number[] = []
      const sniff = (head: Uint8Array) => {
        sizes.push(head.byteLength)
        return { mime: 'image/png' }
      }
      const files = latchkeyWith({ sniff })
      const body = new Uint8Array(10_000)
      const headers = { 'content-type': 'image/png' }
      expect((await upload(files, 'a', { body, headers })).status).toBe(201)
      expect(sizes).toEqual([4100])
      expect((await upload(files, 'b', { body, headers }, { allowedTypes: ['image/*'] })).status).toBe(201)
      expect(sizes).toEqual([4100, 4100])
      const pdfs = { allowedTypes: ['application/pdf'] }
      const claimed = { body, headers: { 'content-type': 'application/pdf' } }
      expect(codeOf(await upload(files, 'c', claimed, pdfs))).toBe('type_not_allowed')
      expect((await upload(latchkeyWith(), 'c', claimed, pdfs)).status).toBe(201)
    },
  },
  ...mintingRows,
  ...completionRows,
  cors: {
    default: 'none',
    async check() {
      const { headers } = await send(latchkeyWith(), 'GET', '/files/a', {
        headers: { origin: 'https://a.example' },
      })
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    },
  },
  'cors.origins': {
    default: 'required',
    async check() {
      const letIn = async (origins: '*' | string[], origin: string) => {
        const { headers } = await send(latchkeyWith({ cors: { origins } }), 'GET', '/files/a', {
          headers: { origin },
        })
        return headers['access-control-allow-origin']
      }
      expect(await letIn(['https://app.example.com'], 'https://app.example.com')).toBe(
        'https://app.example.com',
      )
      expect(await letIn(['https://app.example.com'], 'https://evil.example.com')).toBeUndefined()
      expect(await letIn('*', 'https://evil.example.com')).toBe('*')
      await expectInvalid(() => latchkeyWith({ cors: { origins: ['https://app.example.com/'] } }))
    },
  },
  'cors.credentials': {
    default: 'false',
    async check() {
      const allowed = async (credentials?: boolean) => {
        const origins = ['https://a.example']
        const cors = credentials === undefined ? { origins } : { origins, credentials }
        const reply = await send(latchkeyWith({ cors }), 'GET', '/files/a', {
          headers: { origin: 'https://a.example' },
        })
        return reply.headers['access-control-allow-credentials']
      }
      expect([await allowed(), await allowed(false), await allowed(true)]).toEqual([
        undefined,
        undefined,
        'true',
      ])
      await expectInvalid(() => latchkeyWith({ cors: { origins: '*', credentials: true } }))
    },
  },
  'cors.maxAge': {
    default: '600',
    async check() {
      const remembered = async (maxAge?: number) => {
        const cors = { origins: '*', ...(maxAge === undefined ? {} : { maxAge }) } as const
        const headers = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }
        const reply = await send(latchkeyWith({ cors }), 'OPTIONS', '/files/a', { headers })
        return reply.headers['access-control-max-age']
      }
      expect(await remembered()).toBe('600')
      expect(await remembered(5)).toBe('5')
    },
  },
  crossOriginResourcePolicy: {
    default: 'same-site',
    async check() {
      const policy = async (options: Partial<LatchkeyOptions>) => {
        const files = latchkeyWith(options)
        await upload(files, 'a')
        return (await read(files, 'a')).headers['cross-origin-resource-policy']
      }
      expect(await policy({})).toBe('same-site')
      for (const value of ['same-origin', 'cross-origin'] as const) {
        expect(await policy({ crossOriginResourcePolicy: value })).toBe(value)
      }
    },
  },
  serverTiming: {
    default: 'true',
    async check() {
      const timing = async (options: Partial<LatchkeyOptions>) =>
        (await read(latchkeyWith(options), 'absent')).headers['server-timing']
      const told = /^total;dur=[\d.]+, token;dur=[\d.]+, storage;dur=[\d.]+$/
      expect(await timing({})).toMatch(told)
      expect(await timing({ serverTiming: true })).toMatch(told)
      expect(await timing({ serverTiming: false })).toBeUndefined()
      await expectInvalid(() => latchkeyWith({ serverTiming: Object('yes') }))
    },
  },
  onError: {
    default: 'console.error',
    async check() {
      const storage = memoryDriver()
      const fault = new LatchkeyError('storage_unavailable', 'down')
      storage.open = () => Promise.reject(fault)
      const told: unknown[] = []
      await read(latchkeyWith({ storage, onError: (error) => told.push(error) }), 'a')
      expect(told).toEqual([fault])
      const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
      await read(latchkeyWith({ storage }), 'a')
      expect(spy).toHaveBeenCalledWith(fault)
      spy.mockRestore()
    },
  },
  now: {
    default: 'Date.now',
    async check() {
      vi.useFakeTimers({ now: 1_000_000_000_000, toFake: ['Date'] })
      const { now: _clock, ...options } = { baseUrl: '/files', keys: KEYS, storage: memoryDriver(), now: 0 }
      const { createLatchkey } = await import('@latchkey/core')
      const { expiresAt } = await createLatchkey(options).signedUrl('a')
      vi.useRealTimers()
      expect(expiresAt.getTime()).toBe(1_000_003_600_000)
      expect((await latchkeyWith().signedUrl('a')).expiresAt.getTime()).toBe(NOW + 3_600_000)
    },
  },
}

type Sign = (
  options: UrlOptions & UploadOptions,
) => Promise<{ readonly url: string; readonly expiresAt: Date }>
const asUrl: Sign = (options) => latchkeyWith().signedUrl('a', options)
const asUpload: Sign = (options) => latchkeyWith().signedUploadUrl('a', options)

const signedUrlRows: Rows = {
  ...validityRows(asUrl),
  ...stableRow(asUrl),
  operations: {
    default: 'get, head',
    async check() {
      const files = latchkeyWith()
      const answers = async (options: UrlOptions) => {
        const { url } = await files.signedUrl('absent', options)
        const statuses: number[] = []
        for (const method of ['GET', 'HEAD', 'DELETE', 'PUT']) {
          statuses.push((await send(files, method, url)).status)
        }
        return statuses
      }
      expect(await answers({})).toEqual([404, 404, 403, 403])
      expect(await answers({ operations: ['delete'] })).toEqual([403, 403, 404, 403])
      expect(await answers({ operations: ['get', 'head', 'delete'] })).toEqual([404, 404, 404, 403])
      await expectInvalid(
        () => asUrl({ operations: [] }),
        () => asUrl({ operations: ['put'] }),
      )
    },
  },
  download: {
    default: 'by type',
    async check() {
      const files = latchkeyWith()
      for (const key of ['a.txt', 'a.html', 'a.svg']) await upload(files, key)
      const disposition = async (key: string, options: UrlOptions) =>
        (await read(files, key, options)).headers['content-disposition']?.split(';')[0]
      expect(await disposition('a.txt', {})).toBeUndefined()
      expect(await disposition('a.html', {})).toBe('attachment')
      expect(await disposition('a.svg', {})).toBe('attachment')
      expect(await disposition('a.html', { download: false })).toBe('inline')
      expect(await disposition('a.txt', { download: true })).toBe('attachment')
      const named = await read(files, 'a.txt', { download: 'Q3.txt' })
      expect(named.headers['content-disposition']).toBe('attachment; filename=Q3.txt')
      await asUrl({ download: 'a'.repeat(255) })
      await expectInvalid(...['', 'a'.repeat(256)].map((download) => () => asUrl({ download })))
    },
  },
  cacheControlMaxAge: {
    default: '300',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a')
      const maxAge = async (options: UrlOptions) => (await read(files, 'a', options)).headers['cache-control']
      expect(await maxAge({})).toBe('private, max-age=300')
      expect(await maxAge({ expiresIn: 60 })).toBe('private, max-age=60')
      expect(await maxAge({ cacheControlMaxAge: 1000 })).toBe('private, max-age=1000')
      expect(await maxAge({ cacheControlMaxAge: 31_536_000 })).toBe('private, max-age=3600')
      await expectInvalid(...[-1, 1.5, 31_536_001].map((age) => () => asUrl({ cacheControlMaxAge: age })))
    },
  },
  maxDownloads: {
    default: 'no limit',
    async check() {
      const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
      await upload(files, 'a')
      const { url } = await files.signedUrl('a', { maxDownloads: 2 })
      const statuses: number[] = []
      for (let times = 0; times < 3; times++) {
        const reply = await send(files, 'GET', url)
        await textOf(reply)
        statuses.push(reply.status)
      }
      expect(statuses).toEqual([200, 200, 403])
      await expectInvalid(
        () => asUrl({ maxDownloads: 1 }),
        () => files.signedUrl('a', { maxDownloads: 0 }),
        () => files.signedUrl('a', { maxDownloads: 2 ** 53 }),
      )
    },
  },
  resumeWindow: {
    default: 'none',
    async check() {
      const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
      await upload(files, 'a')
      const statuses = async (options: UrlOptions) => {
        const { url } = await files.signedUrl('a', { maxDownloads: 1, ...options })
        const found: number[] = []
        for (const headers of [{}, { range: 'bytes=1-2' }, {}]) {
          const reply = await send(files, 'GET', url, { headers, address: '192.0.2.1' })
          await textOf(reply)
          found.push(reply.status)
        }
        return found
      }
      expect(await statuses({})).toEqual([200, 403, 403])
      expect(await statuses({ resumeWindow: '10m' })).toEqual([200, 206, 403])
      await files.signedUrl('a', { maxDownloads: 1, resumeWindow: '7d' })
      await expectInvalid(
        ...[0, 604_801].map(
          (window) => () => files.signedUrl('a', { maxDownloads: 1, resumeWindow: window }),
        ),
        () => files.signedUrl('a', { resumeWindow: 60 }),
      )
    },
  },
  confirm: {
    default: 'false',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a')
      const { url } = await files.signedUrl('a', { confirm: true })
      expect(codeOf(await send(files, 'GET', url))).toBe('confirmation_required')
      expect((await read(files, 'a', { confirm: false })).status).toBe(200)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      expect(await textOf(await send(files, 'POST', url, { headers, body: 'confirm=1' }))).toBe('hello')
      await expectInvalid(() => files.signedUrl('a', { confirm: true, operations: ['delete'] }))
    },
  },
  responseHeaders: {
    default: 'none',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a')
      const responseHeaders = {
        'cache-control': 'no-cache',
        'content-encoding': 'gzip',
        'content-language': 'fr',
        'content-type': 'text/csv',
        expires: '0',
        'x-robots-tag': 'noindex',
      }
      expect((await read(files, 'a', { responseHeaders })).headers).toMatchObject(responseHeaders)
      await expectInvalid(() => asUrl({ responseHeaders: { 'set-cookie': 'a=b' } }))
    },
  },
  ifMatch: {
    default: 'none',
    async check() {
      const files = latchkeyWith()
      const { etag = '' } = (await upload(files, 'a')).headers
      const remove = async (ifMatch: string) => {
        const { url } = await files.signedUrl('a', { operations: ['delete'], ifMatch })
        return (await send(files, 'DELETE', url)).status
      }
      expect(await remove('"another"')).toBe(412)
      expect(await remove(etag)).toBe(204)
      await expectInvalid(
        () => asUrl({ ifMatch: etag }),
        () => asUrl({ operations: ['delete'], ifMatch: 'W/"a"' }),
        () => asUrl({ operations: ['delete'], ifMatch: 'a' }),
      )
    },
  },
}

const signedUploadUrlRows: Rows = {
  ...validityRows(asUpload),
  maxSize: {
    default: 'maxUploadSize',
    async check() {
      const files = latchkeyWith({ maxUploadSize: 5 })
      expect((await upload(files, 'a', { body: '12345' })).status).toBe(201)
      expect(codeOf(await upload(files, 'b', { body: '123456' }))).toBe('too_large')
      expect(codeOf(await upload(files, 'c', { body: '1' }, { maxSize: 0 }))).toBe('too_large')
      expect((await upload(files, 'c', { body: '' }, { maxSize: 0 })).status).toBe(201)
      for (const [text, bytes] of [
        ['512b', 512],
        ['64kb', 65_536],
        ['5mb', 5_242_880],
        ['1gb', 1024 ** 3],
      ] as const) {
        expect((await asUpload({ maxSize: text })).url).toBe((await asUpload({ maxSize: bytes })).url)
      }
      await expectInvalid(...[-1, 1.5, '5', '5 xb', ''].map((maxSize) => () => asUpload({ maxSize })))
    },
  },
  allowedTypes: {
    default: 'every type',
    async check() {
      const files = latchkeyWith()
      const status = async (type: string, allowedTypes?: string[]) => {
        const sent = { body: 'x', headers: { 'content-type': type } }
        const options = { allowOverwrite: true, ...(allowedTypes === undefined ? {} : { allowedTypes }) }
        return (await upload(files, 'a', sent, options)).status
      }
      expect(await status('image/png')).toBe(201)
      expect(await status('image/png', ['image/png'])).toBe(200)
      expect(await status('image/png', ['image/*'])).toBe(200)
      expect(await status('image/png', ['*/*'])).toBe(200)
      expect(await status('text/html', ['image/*'])).toBe(415)
      expect(await status('image/png', [])).toBe(415)
      await expectInvalid(() => asUpload({ allowedTypes: ['png'] }))
    },
  },
  addRandomSuffix: {
    default: 'false',
    async check() {
      const key = async (options: UploadOptions) =>
        (
          JSON.parse(await textOf(await upload(latchkeyWith(), 'a/b.png', { body: 'x' }, options))) as {
            key: string
          }
        ).key
      expect(await key({})).toBe('a/b.png')
      // 22 characters of base64url are 128 bits and a few that are not used.
      expect(await key({ addRandomSuffix: true })).toMatch(/^a\/b-[\w-]{22}\.png$/)
    },
  },
  allowOverwrite: {
    default: 'false',
    async check() {
      const files = latchkeyWith()
      expect((await upload(files, 'a')).status).toBe(201)
      expect(codeOf(await upload(files, 'a'))).toBe('exists')
      expect((await upload(files, 'a', { body: 'new' }, { allowOverwrite: true })).status).toBe(200)
    },
  },
  ifMatch: {
    default: 'none',
    async check() {
      const files = latchkeyWith()
      const { etag = '' } = (await upload(files, 'a')).headers
      const again = (key: string, ifMatch: string) => upload(files, key, { body: 'new' }, { ifMatch })
      expect(codeOf(await again('absent', etag))).toBe('precondition_failed')
      expect(codeOf(await again('a', '"another"'))).toBe('precondition_failed')
      expect((await again('a', etag)).status).toBe(200)
      await expectInvalid(...['a', 'W/"a"', '*'].map((ifMatch) => () => asUpload({ ifMatch })))
    },
  },
  cacheControlMaxAge: {
    default: 'none',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a', { body: 'x' }, { cacheControlMaxAge: 42 })
      expect((await read(files, 'a')).headers['cache-control']).toBe('private, max-age=42')
      await expectInvalid(...[-1, 31_536_001].map((age) => () => asUpload({ cacheControlMaxAge: age })))
    },
  },
  visibility: {
    default: 'private',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a')
      await upload(files, 'b', { body: 'x' }, { visibility: 'public' })
      expect((await send(files, 'GET', '/files/a')).status).toBe(403)
      expect((await send(files, 'GET', '/files/b')).status).toBe(200)
    },
  },
  payload: {
    default: 'none',
    async check() {
      expect((await asUpload({ payload: 'order 7' })).url).toContain(
        Buffer.from('order 7').toString('base64url'),
      )
      await asUpload({ payload: 'a'.repeat(2048) })
      await expectInvalid(...['', 'a'.repeat(2049)].map((payload) => () => asUpload({ payload })))
    },
  },
}

const fsDriverRows: Rows = {
  root: {
    default: 'required',
    async check() {
      const root = join(newFolder(), 'made', 'here')
      expect((await upload(latchkeyWith({ storage: fsDriver({ root }) }), 'a/b')).status).toBe(201)
      expect(readdirSync(join(root, 'a'))).toEqual(['b'])
      await expectInvalid(() => fsDriver({ root: '' }))
    },
  },
  fsync: {
    default: 'false',
    async check() {
      expect(readSettings({ root: 'x' }).fsync).toBe(false)
      for (const fsync of [false, true]) await storedIn({ fsync })
    },
  },
  tempMaxAge: {
    default: '3600',
    async check() {
      expect(readSettings({ root: 'x' }).tempMaxAgeMs).toBe(3_600_000)
      await storedIn({ tempMaxAge: 60 })
      await expectInvalid(...[59, Number.NaN].map((tempMaxAge) => () => fsDriver({ root: 'x', tempMaxAge })))
    },
  },
  fileMode: {
    default: '0o640',
    async check() {
      expect(readSettings({ root: 'x' }).fileMode).toBe(0o640)
      expect(modeOf(join(await storedIn({}), 'a/b')) & ~0o640).toBe(0)
      expect(modeOf(join(await storedIn({ fileMode: 0o600 }), 'a/b'))).toBe(0o600)
      await expectInvalid(() => fsDriver({ root: 'x', fileMode: 0o440 }))
    },
  },
  folderMode: {
    default: '0o750',
    async check() {
      expect(readSettings({ root: 'x' }).folderMode).toBe(0o750)
      expect(modeOf(join(await storedIn({}), 'a')) & ~0o750).toBe(0)
      expect(modeOf(join(await storedIn({ folderMode: 0o700 }), 'a'))).toBe(0o700)
      await expectInvalid(() => fsDriver({ root: 'x', folderMode: 0o600 }))
    },
  },
  metadataCacheSize: {
    default: '4096',
    async check() {
      expect(readSettings({ root: 'x' }).metadataCacheSize).toBe(4096)
      await storedIn({ metadataCacheSize: 0 })
      await expectInvalid(...[-1, 1.5].map((size) => () => fsDriver({ root: 'x', metadataCacheSize: size })))
    },
  },
  contentCacheSize: {
    default: '8 MiB',
    async check() {
      expect(readSettings({ root: 'x' }).contentCacheSize).toBe(8 * 1024 * 1024)
      await storedIn({ contentCacheSize: 0 })
      await expectInvalid(...[-1, 1.5].map((size) => () => fsDriver({ root: 'x', contentCacheSize: size })))
    },
  },
}

const memoryDriverRows: Rows = {
  maxBytes: {
    default: 'no limit',
    async check() {
      const files = latchkeyWith({ storage: memoryDriver({ maxBytes: 8 }), onError: () => {} })
      expect((await upload(files, 'a', { body: '12345' })).status).toBe(201)
      expect(codeOf(await upload(files, 'b', { body: '6789' }))).toBe('storage_full')
      expect((await upload(latchkeyWith(), 'a', { body: new Uint8Array(10_000_000) })).status).toBe(201)
      await expectInvalid(() => memoryDriver({ maxBytes: -1 }))
    },
  },
}

/** The rows of each option table, by its heading. */
export const OPTION_ROWS: Readonly<Record<string, Rows>> = {
  createLatchkey: createLatchkeyRows,
  signedUrl: signedUrlRows,
  signedUploadUrl: signedUploadUrlRows,
  signedTreeUrl: treeUrlRows,
  signedCookie: cookieRows,
  signUrl: routeUrlRows,
  issueSignedToken: delegationRows,
  presignUrl: presignRows,
  narrow: narrowRows,
  revoke: revokeRows,
  uploadWebhook: webhookRows,
  upload: clientRows,
  fsDriver: fsDriverRows,
  s3Driver: s3DriverRows,
  memoryDriver: memoryDriverRows,
  flydriveDriver: flydriveRows,
  flystorageDriver: flystorageRows,
  unstorageDriver: unstorageRows,
  memoryLedger: memoryLedgerRows,
  sqliteLedger: sqliteLedgerRows,
  redisLedger: redisLedgerRows,
  postgresLedger: postgresLedgerRows,
}

/** The type that each option table is of, by the heading and what stands before an option's last dot. */
export const OPTION_TYPES: Readonly<Record<string, string>> = {
  'createLatchkey ': 'LatchkeyOptions',
  'createLatchkey keys[]': 'SigningKey',
  'createLatchkey expiry': "NonNullable<LatchkeyOptions['expiry']>",
  'createLatchkey cors': "NonNullable<LatchkeyOptions['cors']>",
  'createLatchkey accel': "NonNullable<LatchkeyOptions['accel']>",
  'createLatchkey rateLimit': 'RateLimit',
  'createLatchkey multipart': "NonNullable<LatchkeyOptions['multipart']>",
  'signedUrl ': 'UrlOptions',
  'signedUploadUrl ': 'UploadOptions',
  'signedTreeUrl ': 'TreeUrlOptions',
  'signedCookie ': 'CookieOptions',
  'signUrl ': 'RouteUrlOptions',
  'issueSignedToken ': 'DelegationOptions',
  'presignUrl ': 'PresignOptions',
  'narrow ': 'NarrowOptions',
  'revoke ': 'RevokeOptions',
  'uploadWebhook ': 'UploadWebhookOptions',
  'upload ': 'ClientOptions',
  'upload multipart': 'MultipartUploadOptions',
  'upload retries': 'RetryOptions',
  'fsDriver ': 'FsDriverOptions',
  's3Driver ': 'S3DriverOptions',
  'memoryDriver ': 'MemoryDriverOptions',
  'flydriveDriver ': 'FlydriveDriverOptions',
  'flystorageDriver ': 'FlystorageDriverOptions',
  'unstorageDriver ': 'UnstorageDriverOptions',
  'memoryLedger ': 'MemoryLedgerOptions',
  'sqliteLedger ': 'SqliteLedgerOptions',
  'redisLedger ': 'RedisLedgerOptions',
  'postgresLedger ': 'PostgresLedgerOptions',
}

async function lifeOf(files: ReturnType<typeof latchkeyWith>, options: UrlOptions = {}): Promise<number> {
  return ((await files.signedUrl('a', options)).expiresAt.getTime() - NOW) / 1000
}

/** Stores `a/b` in a folder with these options. */
async function storedIn(options: Omit<FsDriverOptions, 'root'>): Promise<string> {
  const root = newFolder()
  const files = latchkeyWith({ storage: fsDriver({ root, ...options }) })
  expect((await upload(files, 'a/b')).status).toBe(201)
  expect(await textOf(await read(files, 'a/b'))).toBe('hello')
  return root
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}
