import {
  type GateReply,
  type Latchkey,
  LatchkeyError,
  type LatchkeyErrorCode,
  type StorageDriver,
} from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import { describe, expect, test, vi } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { compareWithDeclarations, type Documented } from './declarations.js'
import {
  codeOf,
  expectInvalid,
  jsonOf,
  latchkeyWith,
  NOW,
  newFolder,
  post,
  read,
  type Sent,
  send,
  textOf,
  upload,
} from './exchange.js'
import { plain, readReadme, tableUnder } from './markdown.js'
import { OPTION_ROWS, OPTION_TYPES } from './option-rows.js'

const readme = readReadme('README.md')
const codeTable = tableUnder(readme, 'Answers', 'code')
const answerTable = tableUnder(readme, 'Answers', 'request')
const capabilityTable = tableUnder(readme, 'Write a driver', 'capability')
const routeTable = tableUnder(readme, 'Let the browser ask', 'route')
const partsTable = tableUnder(readme, 'Uploads in parts', 'request')
const completedTable = tableUnder(readme, 'When an upload is complete', 'field')
/** The type of each event, by the channel. */
const EVENT_TYPES = {
  'latchkey:refused': 'RefusedEvent',
  'latchkey:served': 'ServedEvent',
  'latchkey:received': 'ReceivedEvent',
  'latchkey:removed': 'RemovedEvent',
  'latchkey:minted': 'MintedEvent',
} as const

describe.each(Object.entries(OPTION_ROWS))('options of %s', (heading, rows) => {
  const { rows: cells } = tableUnder(readme, heading, 'option')

  test('each row is shown by a check, and the reverse', () => {
    expect(cells.map(([option]) => plain(option))).toEqual(Object.keys(rows))
  })

  for (const [option, row] of Object.entries(rows)) {
    test(option, async () => {
      const written = cells.find(([name]) => plain(name) === option)
      expect(plain(written?.[2])).toBe(row.default)
      await row.check()
    })
  }
})

test('the tables and the declarations name the same properties', async () => {
  const documented: Documented[] = [
    { type: 'DriverCapabilities', properties: requiredOrNot(capabilityTable.rows) },
    { type: 'Required<CompletedUpload>', properties: allRequired(completedTable.rows) },
    ...Object.entries(EVENT_TYPES).map(([channel, type]) => {
      const { rows } = tableUnder(readme, channel, 'field')
      return { type, properties: alwaysOrNot(rows) }
    }),
    { type: 'Record<LatchkeyErrorCode, true>', properties: allRequired(codeTable.rows) },
  ]
  for (const [place, type] of Object.entries(OPTION_TYPES)) {
    const [heading = '', prefix = ''] = place.split(' ')
    const properties = new Map<string, 'required' | 'optional'>()
    for (const [option, , byDefault] of tableUnder(readme, heading, 'option').rows) {
      const [, before = '', name = ''] = /^(?:(.*)\.)?([^.]+)$/.exec(plain(option)) ?? []
      if (before === prefix) properties.set(name, byDefault === 'required' ? 'required' : 'optional')
    }
    documented.push({ type, properties })
  }
  expect(await compareWithDeclarations(documented)).toBe('')
}, 60_000)

/** A request that is answered with each code. */
const PROVOKED: Readonly<Record<Exclude<LatchkeyErrorCode, 'invalid_option'>, () => Promise<GateReply>>> = {
  token_required: () => send(latchkeyWith(), 'GET', '/files/a'),
  invalid_signature: async () => {
    const { url } = await latchkeyWith().signedUrl('a')
    return send(latchkeyWith(), 'GET', url.replace('/a', '/b'))
  },
  expired: async () => {
    const { url } = await latchkeyWith().signedUrl('a', { expiresIn: 1 })
    return send(latchkeyWith({ now: () => NOW + 1000 }), 'GET', url)
  },
  not_yet_valid: () => read(latchkeyWith(), 'a', { notBefore: NOW + 1000 }),
  address_not_allowed: async () => {
    const files = latchkeyWith()
    const { url } = await files.signedUrl('a', { allowedAddresses: ['203.0.113.7'] })
    return send(files, 'GET', url, { address: '203.0.113.8' })
  },
  exhausted: async () => {
    const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
    await upload(files, 'a')
    const { url } = await files.signedUrl('a', { maxDownloads: 1 })
    await textOf(await send(files, 'GET', url))
    return send(files, 'GET', url)
  },
  revoked: async () => {
    const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
    const { url } = await files.signedUrl('a', { revocable: true })
    await files.revoke({ url })
    return send(files, 'GET', url)
  },
  prefetch_refused: async () => {
    const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
    await upload(files, 'a')
    return read(files, 'a', { maxDownloads: 1 }, { headers: { 'sec-purpose': 'prefetch' } })
  },
  confirmation_required: () => read(latchkeyWith(), 'a', { confirm: true }),
  unauthorized: () => post(latchkeyWith({ authorize: () => 'unauthorized' }), '/files/a/signed-url'),
  forbidden: () => post(latchkeyWith({ authorize: () => 'forbidden' }), '/files/a/signed-url'),
  unsupported_media_type: () =>
    send(latchkeyWith({ authorize: () => ({}) }), 'POST', '/files/signed-uploads', {
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    }),
  upload_not_found: async () => {
    const files = latchkeyWith()
    const { url } = await files.signedUploadUrl('a')
    return send(files, 'PUT', `${url}&uploadId=x&partNumber=1`, { body: 'hello' })
  },
  invalid_part: async () => {
    const { files, url } = await begunUpload()
    return post(files, url, { parts: [{ partNumber: 1, etag: '"x"' }] })
  },
  rate_limit_exceeded: () => limited({ msBeforeNext: 1 }),
  rate_limiter_unavailable: () => limited(new Error('down')),
  completion_failed: () =>
    upload(
      latchkeyWith({ onError: () => {}, onUploadCompleted: () => Promise.reject(new Error('no')) }),
      'a',
    ),
  internal_error: () => {
    const authorize = () => Promise.reject(new Error('no'))
    return post(latchkeyWith({ authorize, onError: () => {} }), '/files/a/signed-url')
  },
  ledger_unavailable: async () => {
    const ledger = { ...memoryLedger(), claim: () => Promise.reject(new Error('down')) }
    return read(latchkeyWith({ ledger, onError: () => {} }), 'a', { maxDownloads: 1 })
  },
  bad_request: () => refusedUpload({ headers: { 'content-range': 'bytes 0-4/9' } }),
  invalid_key: () => send(latchkeyWith(), 'GET', '/files/a/%2e%2e/b'),
  length_mismatch: () => refusedUpload({ headers: { 'content-length': '6' } }),
  digest_mismatch: () => refusedUpload({ headers: { 'content-md5': Buffer.alloc(16).toString('base64') } }),
  not_found: () => read(latchkeyWith(), 'absent'),
  method_not_allowed: () => send(latchkeyWith(), 'POST', '/files/a'),
  exists: async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    return upload(files, 'a')
  },
  key_conflict: async () => {
    const files = latchkeyWith({ storage: fsDriver({ root: newFolder() }) })
    await upload(files, 'a')
    return upload(files, 'a/b')
  },
  precondition_failed: () => refusedUpload({ headers: { 'if-match': '"x"' } }),
  too_large: () => refusedUpload({}, { maxSize: 4 }),
  type_not_allowed: () => refusedUpload({}, { allowedTypes: ['image/*'] }),
  unsupported_encoding: () => refusedUpload({ headers: { 'content-encoding': 'gzip' } }),
  range_not_satisfiable: async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    return read(files, 'a', {}, { headers: { range: 'bytes=5-' } })
  },
  body_already_read: () => refusedUpload({ bodyAlreadyRead: true }),
  storage_denied: () => storageFault('storage_denied'),
  storage_throttled: () => storageFault('storage_throttled'),
  storage_unavailable: () => storageFault('storage_unavailable'),
  storage_full: () => storageFault('storage_full'),
}

describe('codes', () => {
  test.each(Object.entries(PROVOKED))('%s', async (code, provoke) => {
    const reply = await provoke()
    expect(codeOf(reply)).toBe(code)
    expect(JSON.parse(String(reply.body))).toEqual({
      title: expect.any(String),
      status: reply.status,
      detail: expect.any(String),
      code,
    })
    expect(reply.headers['cache-control']).toBe('no-store')
    const row = codeTable.rows.find(([name]) => plain(name) === code)
    expect(row?.[1]).toBe(String(reply.status))
  })

  test('invalid_option', () => expectInvalid(() => latchkeyWith({ keys: [] })))

  test('a browser that navigates gets a page', async () => {
    const reply = await send(latchkeyWith(), 'GET', '/files/a', { headers: { 'sec-fetch-mode': 'navigate' } })
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(reply.headers['cache-control']).toBe('no-store')
  })
})

/** HEAD has the header of GET, but for the times themselves. */
const ANY_TIMES = { 'server-timing': expect.stringMatching(/^total;dur=/) }

/** What each row of the table of answers is shown by. */
const ANSWERS: Readonly<Record<string, () => Promise<GateReply>>> = {
  'GET, HEAD': async () => {
    const files = await withObject()
    const get = await read(files, 'a')
    expect(await textOf(get)).toBe('hello')
    const { url } = await files.signedUrl('a')
    const head = await send(files, 'HEAD', url)
    expect(head).toEqual({ status: 200, headers: { ...get.headers, ...ANY_TIMES }, body: null })
    return get
  },
  'GET with Range': async () => {
    const files = await withObject()
    const several = await read(files, 'a', {}, { headers: { range: 'bytes=0-1,3-3' } })
    expect(await textOf(several)).toBe('hello')
    const one = await read(files, 'a', {}, { headers: { range: 'bytes=1-2' } })
    expect(await textOf(one)).toBe('el')
    return one
  },
  'GET, HEAD of a URL with confirm': async () => {
    const files = await withObject()
    const { url } = await files.signedUrl('a', { confirm: true })
    const headers = { 'sec-fetch-mode': 'navigate' }
    const page = await send(files, 'GET', url, { headers })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const head = await send(files, 'HEAD', url, { headers })
    expect(head).toEqual({ ...page, headers: { ...page.headers, ...ANY_TIMES }, body: null })
    return page
  },
  'GET, HEAD with If-None-Match or If-Modified-Since': async () => {
    const files = await withObject()
    const { etag = '', 'last-modified': since = '' } = (await read(files, 'a')).headers
    const { url } = await files.signedUrl('a')
    const head = await send(files, 'HEAD', url, { headers: { 'if-none-match': etag } })
    expect(head.status).toBe(304)
    return read(files, 'a', {}, { headers: { 'if-modified-since': since } })
  },
  'PUT of a new object': async () => {
    const reply = await upload(latchkeyWith(), 'a')
    const told: unknown = JSON.parse(String(reply.body))
    const cell = answerTable.rows.find(([request]) => plain(request) === 'PUT of a new object')?.[2] ?? ''
    const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    expect(Object.keys(told as object)).toEqual(named)
    return reply
  },
  'PUT over an object': async () => upload(await withObject(), 'a', { body: 'x' }, { allowOverwrite: true }),
  DELETE: async () => {
    const files = await withObject()
    const { url } = await files.signedUrl('a', { operations: ['delete'] })
    return send(files, 'DELETE', url)
  },
  OPTIONS: async () => {
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }
    const preflight = await send(latchkeyWith({ cors: { origins: '*' } }), 'OPTIONS', '/files/a', { headers })
    expect(preflight.headers['access-control-allow-methods']).toContain('PUT')
    const reply = await send(latchkeyWith(), 'OPTIONS', '/files/a')
    expect(reply.headers.allow).toBeDefined()
    return reply
  },
}

describe('answers', () => {
  test('each row is shown, and the reverse', () => {
    expect(answerTable.rows.map(([request]) => plain(request))).toEqual(Object.keys(ANSWERS))
  })

  test.each(answerTable.rows)('%s: %s', async (request = '', status = '') => {
    expect(String((await ANSWERS[plain(request)]?.())?.status)).toBe(status)
  })
})

/** What each row of the table of routes is shown by. */
const ROUTES: Readonly<Record<string, (files: Latchkey) => Promise<GateReply>>> = {
  'POST /{key}/signed-url': (files) =>
    post(files, '/files/a/signed-url', { expires_in: 9, operation: 'get', download: true, max_downloads: 1 }),
  'POST /signed-urls': async (files) => {
    const reply = await post(files, '/files/signed-urls', { urls: [{ key: 'a' }, { key: 'absent' }] })
    const { urls } = await jsonOf<{ urls: object[] }>(reply)
    expect(urls.map((one) => Object.keys(one))).toEqual([
      ['key', 'url', 'expires_at'],
      ['key', 'code', 'detail'],
    ])
    for (const length of [0, 1001]) {
      const wrong = await post(files, '/files/signed-urls', { urls: Array(length).fill({ key: 'a' }) })
      expect(wrong.status).toBe(400)
    }
    return reply
  },
  'POST /signed-uploads': (files) => post(files, '/files/signed-uploads', ANNOUNCED),
  'POST /signed-uploads for parts': async (files) => {
    const reply = await post(files, '/files/signed-uploads', { ...ANNOUNCED, multipart: true })
    const { uploadId } = await jsonOf(reply)
    const again = await post(files, '/files/signed-uploads', { key: 'b', uploadId })
    expect(await jsonOf(again)).toMatchObject({ uploadId })
    return reply
  },
  'POST /signed-requests': (files) =>
    post(files, '/files/signed-requests', { method: 'PUT', key: 'b', contentType: 'image/png' }),
}

const ANNOUNCED = { key: 'b', contentType: 'image/png', size: 5, payload: 'p', expiresIn: 60 }

describe('routes', () => {
  test('each row is shown, and the reverse', () => {
    expect(routeTable.rows.map(([route]) => plain(route))).toEqual(Object.keys(ROUTES))
  })

  test.each(routeTable.rows)('%s', async (route = '', body = '', answer = '') => {
    const files = latchkeyWith({ authorize: () => ({}), ledger: memoryLedger({ now: () => NOW }) })
    await upload(files, 'a')
    const reply = (await ROUTES[plain(route)]?.(files)) as GateReply
    expect(reply.status).toBe(200)
    expect(Object.keys(await jsonOf(reply)).sort()).toEqual(namedIn(answer).sort())
    const unknown = await post(files, `/files${plain(route).split(' ')[1]}`.replace('{key}', 'a'), { no: 1 })
    expect(codeOf(unknown)).toBe('bad_request')
    const known = String((JSON.parse(String(unknown.body)) as { detail: string }).detail)
    for (const name of namedIn(body)) {
      if (!/^(get|head|delete|multipart: true)$/.test(name) && name !== 'key') expect(known).toContain(name)
    }
  })
})

/** What each row of the table of uploads in parts is shown by. */
const PARTS: Readonly<Record<string, () => Promise<GateReply>>> = {
  'POST ?uploads': async () => {
    const files = latchkeyWith()
    const { url } = await files.signedUploadUrl('a')
    return send(files, 'POST', `${url}&uploads`, { headers: { accept: 'application/json' } })
  },
  'PUT ?uploadId=…&partNumber=…': async () => {
    const { files, url } = await begunUpload()
    const first = await send(files, 'PUT', `${url}&partNumber=1`, { body: 'one' })
    const reply = await send(files, 'PUT', `${url}&partNumber=1`, { body: 'another' })
    expect(reply.headers.etag).not.toBe(first.headers.etag)
    const accept = { headers: { accept: 'application/json' } }
    const { parts } = await jsonOf(await send(files, 'GET', url, accept))
    expect(parts).toEqual([{ partNumber: 1, etag: reply.headers.etag, size: 7 }])
    return reply
  },
  'GET ?uploadId=…': async () => {
    const { files, url } = await begunUpload()
    const xml = await send(files, 'GET', url)
    expect(await textOf(xml)).toContain('<ListPartsResult>')
    return send(files, 'GET', url, { headers: { accept: 'application/json' } })
  },
  'POST ?uploadId=…': async () => {
    const { files, url } = await begunUpload()
    const { etag } = (await send(files, 'PUT', `${url}&partNumber=1`, { body: 'one' })).headers
    const reply = await post(files, url, { parts: [{ partNumber: 1, etag }] })
    expect(await textOf(await read(files, 'a'))).toBe('one')
    return reply
  },
  'DELETE ?uploadId=…': async () => {
    const { files, url } = await begunUpload()
    const reply = await send(files, 'DELETE', url)
    expect(codeOf(await send(files, 'PUT', `${url}&partNumber=1`, { body: 'x' }))).toBe('upload_not_found')
    return reply
  },
}

describe('uploads in parts', () => {
  test('each row is shown, and the reverse', () => {
    expect(partsTable.rows.map(([request]) => plain(request))).toEqual(Object.keys(PARTS))
  })

  test.each(partsTable.rows)('%s: %s', async (request = '', status = '', answer = '') => {
    const accepted = (await PARTS[plain(request)]?.()) as GateReply
    expect(String(accepted.status)).toBe(status)
    if (answer.startsWith('JSON')) {
      const told = await jsonOf(accepted).catch(() => ({}))
      expect(Object.keys(told)).toEqual(namedIn(answer))
    }
  })
})

describe('drivers that cannot do everything', () => {
  test('ranges', async () => {
    const files = latchkeyWith({ storage: without('ranges') })
    await upload(files, 'a')
    const reply = await read(files, 'a', {}, { headers: { range: 'bytes=1-2' } })
    expect([reply.status, await textOf(reply), reply.headers['accept-ranges']]).toEqual([
      200,
      'hello',
      undefined,
    ])
  })

  test('conditionalWrites', async () => {
    const files = latchkeyWith({ storage: without('conditionalWrites') })
    await expectInvalid(
      () => files.signedUploadUrl('a'),
      () => files.signedUploadUrl('a', { ifMatch: '"a"' }),
    )
    expect((await upload(files, 'a', { body: 'x' }, { allowOverwrite: true })).status).toBe(201)
    expect((await upload(files, 'a', { body: 'x' }, { addRandomSuffix: true })).status).toBe(201)
  })

  test('visibility', async () => {
    const files = latchkeyWith({ storage: without('visibility') })
    await expectInvalid(() => files.signedUploadUrl('a', { visibility: 'public' }))
    expect((await upload(files, 'a', {}, { cacheControlMaxAge: 1 })).status).toBe(201)
  })

  test('uploads', async () => {
    const files = latchkeyWith({ storage: without('uploads') })
    await expectInvalid(
      () => files.signedUploadUrl('a'),
      () => files.signedUploadUrl('a', { allowOverwrite: true }),
    )
  })

  test('strongEtags', async () => {
    const files = latchkeyWith({ storage: without('strongEtags') })
    await expectInvalid(() => files.signedUploadUrl('a', { ifMatch: '"a"' }))
    expect((await upload(files, 'a')).status).toBe(201)
  })

  test('versionEtags', async () => {
    const onUploadCompleted = () => Promise.reject(new Error('no'))
    const files = latchkeyWith({ storage: without('versionEtags'), onUploadCompleted, onError: () => {} })
    expect((await upload(files, 'a')).status).toBe(500)
    expect(await files.storage.stat('a')).not.toBeNull()
    const remove = vi.spyOn(files.storage, 'delete')
    expect((await upload(files, 'b', {}, { addRandomSuffix: true })).status).toBe(500)
    const [[suffixed = '', precondition] = []] = remove.mock.calls
    expect([suffixed.startsWith('b-'), precondition]).toEqual([true, undefined])
    expect(await files.storage.stat(suffixed)).toBeNull()
  })

  test('setVisibility', async () => {
    const files = latchkeyWith({ storage: without('ranges') })
    await upload(files, 'a')
    await expectInvalid(() => files.setVisibility('a', 'public'))
  })

  test('multipart', async () => {
    const files = latchkeyWith({ storage: without('ranges'), authorize: () => ({}) })
    const { url } = await files.signedUploadUrl('a')
    expect(codeOf(await send(files, 'POST', `${url}&uploads`))).toBe('bad_request')
    const announced = { key: 'a', multipart: true }
    expect(codeOf(await post(files, '/files/signed-uploads', announced))).toBe('bad_request')
  })

  test('metadata', async () => {
    const files = latchkeyWith({ storage: without('metadata') })
    await expectInvalid(
      () => files.signedUploadUrl('a', { visibility: 'public' }),
      () => files.signedUploadUrl('a', { cacheControlMaxAge: 1 }),
    )
    expect((await upload(files, 'a')).status).toBe(201)
  })
})

/** By the second cell of each row. */
function requiredOrNot(rows: readonly (readonly string[])[]): Map<string, 'required' | 'optional'> {
  return new Map(
    rows.map(([name = '', byDefault]) => [plain(name), byDefault === 'required' ? 'required' : 'optional']),
  )
}

/** The same where the second cell says whether a field is always given. */
function alwaysOrNot(rows: readonly (readonly string[])[]): Map<string, 'required' | 'optional'> {
  return new Map(
    rows.map(([name = '', given]) => [plain(name), given === 'always' ? 'required' : 'optional']),
  )
}

function allRequired(rows: readonly (readonly string[])[]): Map<string, 'required'> {
  return new Map(rows.map(([name]) => [plain(name), 'required']))
}

/** An upload in parts that has begun, and its URL. */
async function begunUpload(): Promise<{ readonly files: Latchkey; readonly url: string }> {
  const files = latchkeyWith()
  const { url } = await files.signedUploadUrl('a')
  const { uploadId } = await jsonOf(
    await send(files, 'POST', `${url}&uploads`, { headers: { accept: 'application/json' } }),
  )
  return { files, url: `${url}&uploadId=${uploadId}` }
}

/** Asks where the rate limiter rejects. */
function limited(rejection: unknown): Promise<GateReply> {
  const rateLimit = { limiter: { consume: () => Promise.reject(rejection) }, keyOf: () => 'ada' }
  return post(latchkeyWith({ authorize: () => ({}), rateLimit, onError: () => {} }), '/files/a/signed-url')
}

/** The names in the code of a cell. */
function namedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

async function withObject(): Promise<ReturnType<typeof latchkeyWith>> {
  const files = latchkeyWith()
  expect((await upload(files, 'a')).status).toBe(201)
  return files
}

/** Uploads what must be refused, and asserts that nothing was stored. */
async function refusedUpload(sent: Sent, options: Parameters<typeof upload>[3] = {}): Promise<GateReply> {
  const files = latchkeyWith({ onError: () => {} })
  const reply = await upload(files, 'a', { body: 'hello', ...sent }, options)
  expect(await files.storage.stat('a')).toBeNull()
  return reply
}

function storageFault(code: LatchkeyErrorCode): Promise<GateReply> {
  const storage = memoryDriver()
  storage.open = () => Promise.reject(new LatchkeyError(code, 'a fault'))
  return read(latchkeyWith({ storage, onError: () => {} }), 'a')
}

function without(capability: keyof StorageDriver['capabilities']): StorageDriver {
  const driver = memoryDriver()
  return {
    capabilities: { ...driver.capabilities, [capability]: false },
    stat: (key) => driver.stat(key),
    open: (key) => driver.open(key),
    write: (key, body, options) => driver.write(key, body, options),
    delete: (key, precondition) => driver.delete(key, precondition),
  }
}
