import type { CompletedUpload, DelegationLimits, Latchkey, UploadOptions, UrlOptions } from '@latchkey/core'
import { type NarrowingOptions, narrow, type PresignOptions, presignUrl } from '@latchkey/core/token'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, jsonOf, latchkeyWith, NOW, send, textOf, upload } from './exchange.js'
import type { Rows } from './rows.js'

type Limits = DelegationLimits &
  Omit<UploadOptions, 'ifMatch'> &
  Pick<UrlOptions, 'download' | 'responseHeaders'>

const EVERYTHING = ['get', 'head', 'put', 'delete'] as const
const now = () => NOW
const DAY = 86_400

const counting = () => latchkeyWith({ ledger: memoryLedger({ now }) })
const issue = (files: Latchkey, limits: Limits = {}) => files.issueSignedToken({ prefix: 'u/', ...limits })

/** Signs for `u/a` with a delegation that has these limits. */
async function presigned(
  limits: Limits,
  options: Partial<PresignOptions> = {},
  files: Latchkey = counting(),
): Promise<{
  readonly files: Latchkey
  readonly url: string
  readonly expiresAt: Date
  readonly key: string
}> {
  const delegation = await issue(files, { operations: EVERYTHING, ...limits })
  return { files, ...(await presignUrl(delegation, { operation: 'get', key: 'u/a', now, ...options })) }
}

/** Uploads with a delegation that has these limits. */
async function put(limits: Limits, options: Partial<PresignOptions> = {}, files?: Latchkey) {
  const signed = await presigned(limits, { operation: 'put', ...options }, files)
  const sent = { body: 'hello', headers: { 'content-type': 'text/plain' } }
  return { ...signed, reply: await send(signed.files, 'PUT', signed.url, sent) }
}

/** Reads what is there with a delegation that has these limits. */
async function get(limits: Limits, options: Partial<PresignOptions> = {}) {
  const signed = await presigned(limits, options)
  await upload(signed.files, 'u/a', { body: 'hello', headers: { 'content-type': 'text/plain' } })
  return send(signed.files, 'GET', signed.url)
}

async function statusesOf(files: Latchkey, ...urls: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const url of urls) {
    const reply = await send(files, 'GET', url)
    await textOf(reply)
    statuses.push(reply.status)
  }
  return statuses
}

/** The statuses of two requests of one client for a part. */
async function partsOf(files: Latchkey, url: string): Promise<number[]> {
  const statuses: number[] = []
  for (const range of ['bytes=0-1', 'bytes=2-3']) {
    const reply = await send(files, 'GET', url, { headers: { range }, address: '192.0.2.1' })
    await textOf(reply)
    statuses.push(reply.status)
  }
  return statuses
}

async function told(limits: Limits): Promise<CompletedUpload | undefined> {
  const uploads: CompletedUpload[] = []
  await put(limits, {}, latchkeyWith({ onUploadCompleted: (completed) => void uploads.push(completed) }))
  return uploads[0]
}

const lifeOf = async (options: Limits) =>
  ((await issue(latchkeyWith(), options)).validUntil.getTime() - NOW) / 1000

/** Options of `issueSignedToken`. */
export const delegationRows: Rows = {
  key: {
    default: 'required',
    async check() {
      const delegation = await latchkeyWith().issueSignedToken({ key: 'a' })
      expect(delegation.scope).toEqual({ key: 'a' })
      await presignUrl(delegation, { operation: 'get', key: 'a', now })
      await expectInvalid(() => presignUrl(delegation, { operation: 'get', key: 'b', now }))
    },
  },
  prefix: {
    default: 'instead of key',
    async check() {
      const delegation = await issue(latchkeyWith())
      expect(delegation.scope).toEqual({ prefix: 'u/' })
      await expectInvalid(
        () => presignUrl(delegation, { operation: 'get', key: 'v/a', now }),
        () => latchkeyWith().issueSignedToken({ prefix: 'u/', key: 'a' } as never),
        () => latchkeyWith().issueSignedToken({} as never),
      )
      await expect(latchkeyWith().issueSignedToken({ prefix: 'u' })).rejects.toMatchObject({
        code: 'invalid_key',
      })
      const whole = await latchkeyWith().issueSignedToken({ prefix: '' })
      await presignUrl(whole, { operation: 'get', key: 'v/a', now })
    },
  },
  operations: {
    default: 'get, head',
    async check() {
      const delegation = await issue(latchkeyWith())
      for (const operation of ['get', 'head'] as const) {
        await presignUrl(delegation, { operation, key: 'u/a', now })
      }
      await expectInvalid(
        () => presignUrl(delegation, { operation: 'put', key: 'u/a', now }),
        () => presignUrl(delegation, { operation: 'delete', key: 'u/a', now }),
        () => issue(latchkeyWith(), { operations: [] }),
      )
    },
  },
  expiresIn: {
    default: '3600 s',
    async check() {
      expect(await lifeOf({})).toBe(3600)
      expect(await lifeOf({ expiresIn: '7d' })).toBe(7 * DAY)
      await expectInvalid(...[0, 604_801].map((expiresIn) => () => lifeOf({ expiresIn })))
    },
  },
  validUntil: {
    default: 'none',
    async check() {
      expect(await lifeOf({ validUntil: NOW + 60_000 })).toBe(60)
      await expectInvalid(
        () => lifeOf({ validUntil: NOW + 60_000, expiresIn: 60 }),
        () => lifeOf({ validUntil: NOW + 8 * DAY * 1000 }),
      )
    },
  },
  notBefore: {
    default: 'at once',
    async check() {
      expect(codeOf(await get({ notBefore: NOW + 1000 }))).toBe('not_yet_valid')
      await expectInvalid(() => lifeOf({ notBefore: NOW + 3_600_000 }))
    },
  },
  allowedAddresses: {
    default: 'any',
    async check() {
      expect(codeOf(await get({ allowedAddresses: ['203.0.113.7'] }))).toBe('address_not_allowed')
      const { files, url } = await presigned({ allowedAddresses: ['203.0.113.0/24'] })
      expect(codeOf(await send(files, 'GET', url, { address: '203.0.113.7' }))).toBe('not_found')
      await expectInvalid(
        () => lifeOf({ allowedAddresses: [] }),
        () => lifeOf({ allowedAddresses: ['203.0.113.7/24'] }),
      )
    },
  },
  subject: {
    default: 'none',
    async check() {
      expect((await told({ subject: 'ada' }))?.subject).toBe('ada')
      await expectInvalid(() => lifeOf({ subject: 'a'.repeat(257) }))
    },
  },
  revocable: {
    default: 'false',
    async check() {
      const files = counting()
      await upload(files, 'u/a')
      const { id = '', ...delegation } = await issue(files, { revocable: true })
      const { url } = await presignUrl(delegation, { operation: 'get', key: 'u/a', now })
      expect(await statusesOf(files, url)).toEqual([200])
      await files.revoke({ id })
      expect(codeOf(await send(files, 'GET', url))).toBe('revoked')
      expect((await issue(files, { subject: 'ada' })).id).toBeDefined()
      expect((await issue(files, {})).id).toBeUndefined()
      await expectInvalid(() => lifeOf({ revocable: true }))
    },
  },
  maxSize: {
    default: 'maxUploadSize',
    async check() {
      expect(codeOf((await put({ maxSize: 4 })).reply)).toBe('too_large')
      const small = latchkeyWith({ maxUploadSize: 4 })
      expect(codeOf((await put({}, {}, small)).reply)).toBe('too_large')
      await expectInvalid(() => lifeOf({ maxSize: 4 }))
    },
  },
  allowedTypes: {
    default: 'every type',
    async check() {
      expect((await put({})).reply.status).toBe(201)
      expect(codeOf((await put({ allowedTypes: ['image/*'] })).reply)).toBe('type_not_allowed')
      await expectInvalid(() => lifeOf({ allowedTypes: ['image/*'] }))
    },
  },
  addRandomSuffix: {
    default: 'false',
    async check() {
      expect(await jsonOf((await put({})).reply)).toMatchObject({ key: 'u/a' })
      const { key } = await jsonOf<{ key: string }>((await put({ addRandomSuffix: true })).reply)
      expect(key).toMatch(/^u\/a-[\w-]{22}$/)
      await expectInvalid(() => lifeOf({ addRandomSuffix: true }))
    },
  },
  allowOverwrite: {
    default: 'false',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'u/a')
      expect(codeOf((await put({}, {}, files)).reply)).toBe('exists')
      expect((await put({ allowOverwrite: true }, {}, files)).reply.status).toBe(200)
      await expectInvalid(() => lifeOf({ allowOverwrite: true }))
    },
  },
  ifMatch: {
    default: 'none',
    async check() {
      const files = latchkeyWith()
      const { etag = '' } = (await upload(files, 'u/a')).headers
      expect(codeOf((await put({ ifMatch: '"x"' }, {}, files)).reply)).toBe('precondition_failed')
      expect((await put({ ifMatch: etag }, {}, files)).reply.status).toBe(200)
      await expectInvalid(
        () => lifeOf({ ifMatch: etag }),
        () => lifeOf({ operations: ['delete'], ifMatch: 'W/"a"' }),
      )
    },
  },
  cacheControlMaxAge: {
    default: 'none',
    async check() {
      expect((await get({ cacheControlMaxAge: 42 })).headers['cache-control']).toBe('private, max-age=42')
      await expectInvalid(() => lifeOf({ cacheControlMaxAge: 31_536_001 }))
    },
  },
  visibility: {
    default: 'private',
    async check() {
      expect(await jsonOf((await put({})).reply)).toMatchObject({ visibility: 'private' })
      expect(await jsonOf((await put({ visibility: 'public' })).reply)).toMatchObject({
        visibility: 'public',
      })
      await expectInvalid(() => lifeOf({ visibility: 'public' }))
    },
  },
  payload: {
    default: 'none',
    async check() {
      expect((await told({ payload: 'order 7' }))?.payload).toBe('order 7')
      await expectInvalid(
        () => lifeOf({ payload: 'order 7' }),
        () => lifeOf({ operations: ['put'], payload: 'a'.repeat(2049) }),
      )
    },
  },
  download: {
    default: 'by type',
    async check() {
      expect((await get({})).headers['content-disposition']).toBeUndefined()
      expect((await get({ download: 'b' })).headers['content-disposition']).toBe('attachment; filename=b')
    },
  },
  responseHeaders: {
    default: 'none',
    async check() {
      const responseHeaders = { 'content-language': 'fr' }
      expect((await get({ responseHeaders })).headers).toMatchObject(responseHeaders)
      await expectInvalid(() => lifeOf({ responseHeaders: { 'set-cookie': 'a=b' } }))
    },
  },
  maxDownloads: {
    default: 'no limit',
    async check() {
      const files = counting()
      for (const key of ['u/a', 'u/b']) await upload(files, key)
      const delegation = await issue(files, { maxDownloads: 1 })
      const a = await presignUrl(delegation, { operation: 'get', key: 'u/a', now })
      const b = await presignUrl(delegation, { operation: 'get', key: 'u/b', now })
      expect(await statusesOf(files, a.url, b.url)).toEqual([200, 403])
      await expectInvalid(
        () => lifeOf({ maxDownloads: 1 }),
        () => issue(files, { operations: ['put'], maxDownloads: 1 }),
        () => issue(files, { maxDownloads: 0 }),
      )
    },
  },
  resumeWindow: {
    default: 'none',
    async check() {
      const files = counting()
      await upload(files, 'u/a')
      const delegation = await issue(files, { maxDownloads: 1, resumeWindow: '10m' })
      const { url } = await presignUrl(delegation, { operation: 'get', key: 'u/a', now })
      expect(await partsOf(files, url)).toEqual([206, 206])
      await expectInvalid(
        () => issue(files, { resumeWindow: 60 }),
        () => issue(files, { maxDownloads: 1, resumeWindow: '8d' }),
      )
    },
  },
  confirm: {
    default: 'false',
    async check() {
      expect(codeOf(await get({ confirm: true }))).toBe('confirmation_required')
      expect((await get({})).status).toBe(200)
      await expectInvalid(() => lifeOf({ operations: ['put'], confirm: true }))
    },
  },
  overrides: {
    default: 'false',
    async check() {
      const headersOf = async (limits: Limits) =>
        (await get(limits, { download: 'b', cacheControlMaxAge: 7 })).headers
      expect(await headersOf({ overrides: true })).toMatchObject({
        'content-disposition': 'attachment; filename=b',
        'cache-control': 'private, max-age=7',
      })
      await expectInvalid(() => headersOf({}))
    },
  },
}

/** Makes a URL from another, or from a delegation, that has these limits. */
type Make = (limits: Limits, options: NarrowingOptions, operation: 'get' | 'put') => Promise<Made>
interface Made {
  readonly files: Latchkey
  readonly id?: string
  readonly url: string
  readonly expiresAt: Date
}

const byPresigning: Make = (limits, options, operation) => presigned(limits, { operation, ...options })

const byNarrowing: Make = async (limits, options, operation) => {
  const { files, url } = await presigned(limits, { operation })
  return { files, ...(await narrow(url, { now, ...options })) }
}

/** What both ways of making a URL have. */
function narrowingRows(make: Make): Rows {
  const uploaded = async (limits: Limits, options: NarrowingOptions, replaced = false) => {
    const { files, url } = await make(limits, options, 'put')
    if (replaced) await upload(files, 'u/a')
    return send(files, 'PUT', url, { body: 'hello', headers: { 'content-type': 'text/plain' } })
  }
  const life = async (options: NarrowingOptions) =>
    ((await make({}, options, 'get')).expiresAt.getTime() - NOW) / 1000
  return {
    expiresIn: {
      default: '',
      async check() {
        expect(await life({})).toBe(3600)
        expect(await life({ expiresIn: '10m' })).toBe(600)
        expect(await life({ expiresIn: '2h' })).toBe(3600)
        await expectInvalid(() => life({ expiresIn: 0 }))
      },
    },
    validUntil: {
      default: 'none',
      async check() {
        expect(await life({ validUntil: NOW + 60_000 })).toBe(60)
        expect(await life({ validUntil: new Date(NOW + DAY * 1000) })).toBe(3600)
        await expectInvalid(() => life({ validUntil: NOW + 60_000, expiresIn: 60 }))
      },
    },
    notBefore: {
      default: 'as it is',
      async check() {
        const { files, url } = await make({}, { notBefore: NOW + 1000 }, 'get')
        expect(codeOf(await send(files, 'GET', url))).toBe('not_yet_valid')
        const earlier = await make({ notBefore: NOW + 2000 }, { notBefore: NOW - 1000 }, 'get')
        expect(codeOf(await send(earlier.files, 'GET', earlier.url))).toBe('not_yet_valid')
        await expectInvalid(() => life({ notBefore: NOW + 3_600_000 }))
      },
    },
    allowedAddresses: {
      default: 'as it is',
      async check() {
        const list = ['203.0.113.0/24']
        const { files, url } = await make(
          { allowedAddresses: list },
          { allowedAddresses: ['203.0.113.7'] },
          'get',
        )
        expect(codeOf(await send(files, 'GET', url, { address: '203.0.113.7' }))).toBe('not_found')
        expect(codeOf(await send(files, 'GET', url, { address: '203.0.113.8' }))).toBe('address_not_allowed')
        const unbound = await make({ allowedAddresses: list }, {}, 'get')
        expect(codeOf(await send(unbound.files, 'GET', unbound.url))).toBe('address_not_allowed')
        await expectInvalid(
          () => make({ allowedAddresses: list }, { allowedAddresses: ['203.0.0.0/16'] }, 'get'),
          () => make({}, { allowedAddresses: [] }, 'get'),
        )
      },
    },
    maxDownloads: {
      default: 'as it is',
      async check() {
        const { files, url } = await make({ maxDownloads: 5 }, { maxDownloads: 1 }, 'get')
        await upload(files, 'u/a')
        expect(await statusesOf(files, url, url)).toEqual([200, 403])
        const both = await make({ maxDownloads: 1 }, { maxDownloads: 5 }, 'get')
        await upload(both.files, 'u/a')
        expect(await statusesOf(both.files, both.url, both.url)).toEqual([200, 403])
        await expectInvalid(() => make({}, { maxDownloads: 0 }, 'get'))
      },
    },
    resumeWindow: {
      default: 'none',
      async check() {
        const limited = { maxDownloads: 1, resumeWindow: '10m' } as const
        for (const [limits, expected] of [
          [{}, [206, 206]],
          [{ maxDownloads: 1 }, [206, 403]],
        ] as const) {
          const { files, url } = await make(limits, limited, 'get')
          await upload(files, 'u/a')
          expect(await partsOf(files, url)).toEqual(expected)
        }
        await expectInvalid(
          () => make({ maxDownloads: 5 }, { resumeWindow: 60 }, 'get'),
          () => make({}, { maxDownloads: 1, resumeWindow: '8d' }, 'get'),
        )
      },
    },
    confirm: {
      default: 'as it is',
      async check() {
        const statusOf = async (limits: Limits, options: NarrowingOptions) => {
          const { files, url } = await make(limits, options, 'get')
          await upload(files, 'u/a')
          return (await send(files, 'GET', url)).status
        }
        expect(await statusOf({}, {})).toBe(200)
        expect(await statusOf({}, { confirm: true })).toBe(403)
        expect(await statusOf({ confirm: true }, {})).toBe(403)
        await expectInvalid(() => make({ confirm: true }, { confirm: false }, 'get'))
      },
    },
    revocable: {
      default: 'as it is',
      async check() {
        const one = await make({ revocable: true }, { revocable: true }, 'get')
        expect(one.id).toMatch(/^[\w-]{16}\.[\w-]{16}$/)
        const { files, url } = one
        expect(codeOf(await send(files, 'GET', url))).toBe('not_found')
        await files.revoke({ url })
        expect(codeOf(await send(files, 'GET', url))).toBe('revoked')
        expect((await make({ revocable: true }, {}, 'get')).id).toBeUndefined()
        await expectInvalid(
          () => make({}, { revocable: true }, 'get'),
          () => make({ revocable: true }, { revocable: false }, 'get'),
        )
      },
    },
    maxSize: {
      default: 'as it is',
      async check() {
        expect(codeOf(await uploaded({}, { maxSize: 4 }))).toBe('too_large')
        expect(codeOf(await uploaded({ maxSize: 4 }, {}))).toBe('too_large')
        await expectInvalid(() => uploaded({ maxSize: 4 }, { maxSize: 5 }))
      },
    },
    allowedTypes: {
      default: 'as it is',
      async check() {
        expect(codeOf(await uploaded({}, { allowedTypes: ['image/png'] }))).toBe('type_not_allowed')
        expect((await uploaded({ allowedTypes: ['text/*'] }, { allowedTypes: ['text/plain'] })).status).toBe(
          201,
        )
        await expectInvalid(() => uploaded({ allowedTypes: ['text/*'] }, { allowedTypes: ['image/png'] }))
      },
    },
    allowOverwrite: {
      default: 'as it is',
      async check() {
        expect((await uploaded({ allowOverwrite: true }, {}, true)).status).toBe(200)
        expect((await uploaded({ allowOverwrite: true }, { allowOverwrite: true }, true)).status).toBe(200)
        expect(codeOf(await uploaded({ allowOverwrite: true }, { allowOverwrite: false }, true))).toBe(
          'exists',
        )
        await expectInvalid(() => uploaded({}, { allowOverwrite: true }))
      },
    },
    ifMatch: {
      default: 'none',
      async check() {
        const refused = await uploaded({ allowOverwrite: true }, { ifMatch: '"x"' }, true)
        expect(codeOf(refused)).toBe('precondition_failed')
        await expectInvalid(() => uploaded({}, { ifMatch: '"x"' }))
      },
    },
    visibility: {
      default: 'as it is',
      async check() {
        expect(await jsonOf(await uploaded({ visibility: 'public' }, {}))).toMatchObject({
          visibility: 'public',
        })
        const narrowed = await uploaded({ visibility: 'public' }, { visibility: 'private' })
        expect(await jsonOf(narrowed)).toMatchObject({ visibility: 'private' })
        await expectInvalid(() => uploaded({}, { visibility: 'public' }))
      },
    },
    pin: {
      default: 'none',
      async check() {
        const pinned = await uploaded({}, { pin: { uploadId: 'x'.repeat(22) } })
        expect(codeOf(pinned)).toBe('invalid_signature')
      },
    },
    now: {
      default: 'Date.now',
      async check() {
        await expectInvalid(() => make({}, { now: () => NOW + DAY * 1000 }, 'get'))
      },
    },
  }
}

/** Rows in the order of a table, the default of `expiresIn` as given. */
function rowsOf(rows: Rows, expiresIn: string, order: readonly string[]): Rows {
  const named = order.map((name) => {
    const row = rows[name]
    if (row === undefined) throw new Error(`no check for ${name}`)
    return [name, name === 'expiresIn' ? { ...row, default: expiresIn } : row] as const
  })
  return Object.fromEntries(named)
}

const ORDER = [
  ...['expiresIn', 'validUntil', 'notBefore', 'allowedAddresses', 'maxDownloads', 'resumeWindow', 'confirm'],
  ...['revocable'],
  ...['maxSize', 'allowedTypes', 'addRandomSuffix'],
  ...['allowOverwrite', 'ifMatch', 'visibility', 'pin', 'cacheControlMaxAge', 'download', 'now'],
]

/** Options of `presignUrl`. */
export const presignRows: Rows = rowsOf(
  {
    ...narrowingRows(byPresigning),
    operation: {
      default: 'required',
      async check() {
        const methods = { get: 'GET', head: 'HEAD', put: 'PUT', delete: 'DELETE' } as const
        const delegation = await issue(latchkeyWith(), { operations: EVERYTHING })
        for (const operation of EVERYTHING) {
          const { method } = await presignUrl(delegation, { operation, key: 'u/a', now })
          expect(method).toBe(methods[operation])
        }
        await expectInvalid(() => presigned({ operations: ['get'] }, { operation: 'put' }))
      },
    },
    key: {
      default: 'required',
      async check() {
        expect((await presigned({}, { key: 'u/b/c' })).key).toBe('u/b/c')
        await expectInvalid(() => presigned({}, { key: 'v/a' }))
      },
    },
    cacheControlMaxAge: {
      default: 'as it is',
      async check() {
        const reply = await get({ overrides: true }, { cacheControlMaxAge: 7 })
        expect(reply.headers['cache-control']).toBe('private, max-age=7')
        await expectInvalid(
          () => get({}, { cacheControlMaxAge: 7 }),
          () => get({ overrides: true }, { cacheControlMaxAge: 31_536_001 }),
        )
      },
    },
    download: {
      default: 'as it is',
      async check() {
        const reply = await get({ overrides: true }, { download: 'b' })
        expect(reply.headers['content-disposition']).toBe('attachment; filename=b')
        await expectInvalid(() => get({}, { download: 'b' }))
      },
    },
    addRandomSuffix: {
      default: 'false',
      async check() {
        expect((await put({})).key).toBe('u/a')
        const { key, reply } = await put({}, { addRandomSuffix: true })
        expect(key).toMatch(/^u\/a-[\w-]{22}$/)
        expect(await jsonOf(reply)).toMatchObject({ key })
      },
    },
  },
  '3600 s',
  ['operation', 'key', ...ORDER],
)

/** Options of `narrow`. */
export const narrowRows: Rows = rowsOf(
  {
    ...narrowingRows(byNarrowing),
    operations: {
      default: 'as it is',
      async check() {
        const files = latchkeyWith()
        const { url } = await files.signedUrl('a', { operations: ['get', 'delete'] })
        const narrowed = await narrow(url, { operations: ['get'], now })
        expect((await send(files, 'GET', narrowed.url)).status).toBe(404)
        expect((await send(files, 'DELETE', narrowed.url)).status).toBe(403)
        expect((await send(files, 'DELETE', url)).status).toBe(404)
        await expectInvalid(() => narrow(url, { operations: ['put'], now }))
      },
    },
    cacheControlMaxAge: {
      default: 'as it is',
      async check() {
        await expectInvalid(
          () => byNarrowing({}, { cacheControlMaxAge: 7 }, 'get'),
          () => byNarrowing({ overrides: true }, { cacheControlMaxAge: 7 }, 'get'),
        )
      },
    },
    download: {
      default: 'as it is',
      async check() {
        await expectInvalid(
          () => byNarrowing({}, { download: 'b' }, 'get'),
          () => byNarrowing({ overrides: true }, { download: 'b' }, 'get'),
        )
      },
    },
    addRandomSuffix: {
      default: 'as it is',
      async check() {
        const files = latchkeyWith()
        const { url } = await files.signedUploadUrl('a')
        const suffixed = await narrow(url, { addRandomSuffix: true, now })
        const { key } = await jsonOf<{ key: string }>(await send(files, 'PUT', suffixed.url, { body: 'x' }))
        expect(key).toMatch(/^a-[\w-]{22}$/)
        await expectInvalid(() => narrow(suffixed.url, { addRandomSuffix: false, now }))
      },
    },
  },
  'as it is',
  ['operations', ...ORDER],
)
