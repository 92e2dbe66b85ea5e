import { type GateReply, LatchkeyError, type LatchkeyErrorCode, type StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import { describe, expect, test } from 'vitest'
import { compareWithDeclarations, type Documented } from './declarations.js'
import {
  codeOf,
  expectInvalid,
  latchkeyWith,
  NOW,
  newFolder,
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
const eventTable = tableUnder(readme, 'Errors and diagnostics', 'field')

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
    { type: 'DriverCapabilities', properties: allRequired(capabilityTable.rows) },
    { type: 'RefusedEvent', properties: allRequired(eventTable.rows) },
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

/** What each row of the table of answers is shown by. */
const ANSWERS: Readonly<Record<string, () => Promise<GateReply>>> = {
  'GET, HEAD': async () => {
    const files = await withObject()
    const get = await read(files, 'a')
    expect(await textOf(get)).toBe('hello')
    const { url } = await files.signedUrl('a')
    expect(await send(files, 'HEAD', url)).toEqual({ status: 200, headers: get.headers, body: null })
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

function allRequired(rows: readonly (readonly string[])[]): Map<string, 'required'> {
  return new Map(rows.map(([name]) => [plain(name), 'required']))
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
