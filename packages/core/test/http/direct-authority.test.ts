import { expect, test } from 'vitest'
import { memoryLedger } from '../../../ledgers/src/memory/index.js'
import {
  createLatchkey,
  type LatchkeyOptions,
  type NativeUploads,
  type StorageDriver,
} from '../../src/index.js'
import { narrow } from '../../src/token/index.js'

const NOW = 1_795_280_000_000
const MIB = 1024 * 1024
const BASE = '/files'

/** A mount over a storage that notes what it is asked for. */
function mount(options: Partial<LatchkeyOptions> = {}) {
  const asked: string[] = []
  const faults: unknown[] = []
  const uploads: NativeUploads = {
    limits: { putSize: 100 * MIB, smallestPart: 5 * MIB, parts: 100, totalSize: 1000 * MIB },
    begin: async () => {
      asked.push('begin')
      return `upload${'-'.repeat(22)}`
    },
    sign: async (_key, _id, { partNumber }) => {
      asked.push(`sign ${partNumber}`)
      return { method: 'PUT', url: 'https://bucket.example/x', headers: {}, size: 1 }
    },
    listParts: async () => [],
    complete: async () => {
      throw new Error('nothing is completed here')
    },
    abort: async () => void asked.push('abort'),
  }
  const storage: StorageDriver = {
    capabilities: { ranges: true, conditionalWrites: true, metadata: true },
    multipart: {
      create: async () => `upload${asked.push('begin')}`,
      writePart: async () => ({ partNumber: 1, etag: '"v1"', size: 1 }),
      listParts: async () => [],
      complete: async () => {
        throw new Error('nothing is completed here')
      },
      abort: async () => void asked.push('abort'),
    },
    presigning: { readUrl: async () => 'https://bucket.example/a', uploads },
    stat: async () => null,
    open: async () => null,
    write: async () => {
      throw new Error('nothing is stored here')
    },
    delete: async () => false,
  }
  const files = createLatchkey({
    baseUrl: BASE,
    keys: [{ id: 'k1', secret: 's'.repeat(32) }],
    storage,
    ledger: memoryLedger({ now: () => NOW }),
    uploads: 'direct',
    now: () => NOW,
    onError: (error) => void faults.push(error),
    ...options,
  })
  const send = async (
    method: string,
    url: string,
    json?: { size: number; contentType?: string; multipart?: boolean },
  ) => {
    asked.length = 0
    const bytes = new TextEncoder().encode(JSON.stringify(json))
    const reply = await files.handle({
      method,
      path: url.slice(BASE.length),
      header: (name) => (name === 'content-type' ? json?.contentType : undefined),
      bodyAlreadyRead: false,
      body:
        json === undefined
          ? null
          : (async function* () {
              yield bytes
            })(),
    })
    const isJson = typeof reply.body === 'string' && reply.body.startsWith('{')
    const told = JSON.parse(isJson ? String(reply.body) : '{}')
    return { status: reply.status, code: told.code as string | undefined, uploadId: String(told.uploadId) }
  }
  return { files, asked, faults, send }
}

test.each([false, true])(
  'a token for less gets no URL for an upload that is larger; in parts: %s',
  async (multipart) => {
    const { files, asked, send } = mount()
    const { url } = await files.signedUploadUrl('a.bin', { maxSize: '50mb' })
    const { uploadId } = await send('POST', url, { size: 20 * MIB, multipart })
    const size = 20 * MIB
    for (const [maxSize, allowed] of [
      [size - 1, false],
      [size, true],
    ] as const) {
      const narrowed = await narrow(url, { maxSize, now: () => NOW })
      const reply = await send('POST', `${narrowed.url}&uploadId=${uploadId}&partNumber=1`)
      expect(reply).toMatchObject(allowed ? { status: 200 } : { status: 413, code: 'too_large' })
      expect(asked).toEqual(allowed ? ['sign 1'] : [])
    }
  },
)

test('a token that was revoked ends what it began, and no upload of another', async () => {
  const { files, asked, faults, send } = mount()
  const { url } = await files.signedUploadUrl('a.bin', { revocable: true })
  const brief = await narrow(url, { revocable: true, now: () => NOW })
  const other = await files.signedUploadUrl('a.bin')
  const begun = async (by: string) => (await send('POST', by, { size: 1 })).uploadId
  const [ofWhole, ofBrief, ofOther] = [await begun(url), await begun(brief.url), await begun(other.url)]
  await files.revoke({ url: brief.url })
  for (const [uploadId, ends] of [
    [ofWhole, false],
    [ofOther, false],
    ['nonsense', false],
    [ofBrief, true],
  ] as const) {
    for (const [method, more] of [
      ['POST', ''],
      ['POST', '&partNumber=1'],
      ['DELETE', ''],
    ] as const) {
      const reply = await send(method, `${brief.url}&uploadId=${uploadId}${more}`)
      expect(reply).toMatchObject({ status: 403, code: 'revoked' })
      expect(asked).toEqual(ends ? ['abort'] : [])
    }
  }
  expect(faults).toEqual([])
  expect((await send('POST', `${url}&uploadId=${ofWhole}&partNumber=1`)).status).toBe(200)
})

test.each(['direct', 'stream'] as const)(
  'limits that leave no room for the upload are a bad request, and nothing is begun: %s',
  async (uploads) => {
    const { files, asked, faults, send } = mount({ uploads })
    const { url } = await files.signedUploadUrl('a.bin', { payload: 'p'.repeat(2000) })
    const types = Array.from({ length: 67 }, (_, at) => `a${10 + at}/yyyyyyyyyy`)
    const narrowed = await narrow(url, { allowedTypes: types, now: () => NOW })
    const begin = uploads === 'direct' ? narrowed.url : `${narrowed.url}&uploads`
    const contentType = `${types[0]};x=${'z'.repeat(235)}`
    const reply = await send('POST', begin, { size: 1, contentType })
    expect(reply.status).toBe(400)
    expect([asked, faults]).toEqual([[], []])
    expect((await send('POST', url + begin.slice(narrowed.url.length), { size: 1 })).status).toBe(200)
    expect(asked).toContain('begin')
  },
)
