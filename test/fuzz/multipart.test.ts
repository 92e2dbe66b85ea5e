import { createLatchkey, type GateReply, type GateRequest } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const RUNS = 20_000
const KEY = 'a/film.bin'

const files = createLatchkey({
  baseUrl: '/files',
  keys: [{ id: 'k1', secret: 's'.repeat(32) }],
  storage: memoryDriver(),
  onError: () => {},
})

/** What is good at the moment of a run, for requests that are wrong in one place only. */
interface Good {
  readonly put: string
  readonly get: string
  readonly uploadId: string
  readonly etag: string
}

const tokenOf = (url: string) => url.slice(url.indexOf('token=') + 'token='.length)

async function begun(): Promise<Good> {
  const put = tokenOf((await files.signedUploadUrl(KEY, { allowOverwrite: true, maxSize: 5_000 })).url)
  const get = tokenOf((await files.signedUrl(KEY)).url)
  const begin = await answer({
    method: 'POST',
    path: `/${KEY}?uploads&token=${put}`,
    headers: { accept: 'application/json' },
  })
  const { uploadId } = JSON.parse(begin.text)
  const part = await answer({
    method: 'PUT',
    path: `/${KEY}?uploadId=${uploadId}&partNumber=1&token=${put}`,
    body: 'part',
  })
  return { put, get, uploadId, etag: part.reply.headers.etag ?? '' }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
}

async function answer({
  method,
  path,
  headers = {},
  body = null,
}: Asked): Promise<{ reply: GateReply; text: string }> {
  const request: GateRequest = {
    method,
    path,
    header: (name) => headers[name],
    body: body === null ? null : bytesOf(body),
    bodyAlreadyRead: false,
  }
  const reply = await files.handle(request)
  return { reply, text: await textOf(reply.body) }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function textOf(body: GateReply['body']): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const junk = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '0', '-1', '1', '2', '10000', '10001', '1e3', '01', '%31', '../x', 'null', '__proto__'),
)
const xml = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<Part>',
        '</Part>',
        '<PartNumber>1</PartNumber>',
        '<ETag>"x"</ETag>',
        '<!DOCTYPE a>',
        '&quot;',
        '<![CDATA[',
      ),
      junk,
    ),
    { maxLength: 12 },
  )
  .map((pieces) => `<CompleteMultipartUpload>${pieces.join('')}</CompleteMultipartUpload>`)
const json = fc.oneof(
  fc.json(),
  fc
    .record({
      parts: fc.array(
        fc.oneof(fc.record({ partNumber: fc.oneof(fc.integer(), junk), etag: junk }), fc.anything()),
      ),
    })
    .map((value) => {
      try {
        return JSON.stringify(value) ?? ''
      } catch {
        return '{'
      }
    }),
)
const hostile = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'),
  token: fc.oneof(fc.constantFrom('put', 'get', 'none', 'uploadId'), junk),
  uploadId: fc.oneof(fc.constantFrom('good', 'good', 'none', 'twice', 'put'), junk),
  partNumber: fc.oneof(fc.constant(undefined), fc.constant('1'), junk),
  uploads: fc.boolean(),
  otherKey: fc.boolean(),
  body: fc.oneof(fc.constant(null), fc.constant('right'), xml, json, junk),
  headers: fc.dictionary(
    fc.constantFrom(
      'accept',
      'content-type',
      'content-length',
      'transfer-encoding',
      'content-encoding',
      'content-range',
      'content-digest',
      'content-md5',
      'if-match',
      'if-none-match',
      'expect',
    ),
    fc.oneof(junk, fc.constantFrom('application/json', 'text/plain', '4', 'chunked', '*', '"x"')),
    { maxKeys: 3 },
  ),
})

test('no request about an upload in parts is answered 500, and none leaves the object of somebody else', async () => {
  const counts = new Map<number, number>()
  await files.storage.write('other', bytesOf('theirs'), { contentType: 'text/plain', visibility: 'private' })
  let good = await begun()
  await fc.assert(
    fc.asyncProperty(hostile, async (drawn) => {
      const ids: Record<string, string> = {
        good: good.uploadId,
        put: good.put,
        twice: `${good.uploadId}&uploadId=x`,
      }
      const tokens: Record<string, string> = { put: good.put, get: good.get, uploadId: good.uploadId }
      const query = [
        ...(drawn.uploads ? ['uploads'] : []),
        ...(drawn.uploadId === 'none' ? [] : [`uploadId=${ids[drawn.uploadId] ?? drawn.uploadId}`]),
        ...(drawn.partNumber === undefined ? [] : [`partNumber=${drawn.partNumber}`]),
        ...(drawn.token === 'none' ? [] : [`token=${tokens[drawn.token] ?? drawn.token}`]),
      ]
      const right = JSON.stringify({ parts: [{ partNumber: 1, etag: good.etag }] })
      const { reply } = await answer({
        method: drawn.method,
        path: `/${drawn.otherKey ? 'other' : KEY}?${query.join('&')}`,
        headers: drawn.headers,
        body: drawn.body === 'right' ? right : drawn.body,
      })
      counts.set(reply.status, (counts.get(reply.status) ?? 0) + 1)
      expect(reply.status).toBeLessThan(500)
      // What a run has completed or given up cannot be tried by the next.
      if (drawn.method === 'DELETE' || drawn.method === 'POST') good = await begun()
    }),
    { numRuns: RUNS },
  )
  const other = await files.storage.open('other')
  expect(other?.stat.size).toBe('theirs'.length)
  await other?.close()
  console.log(
    `tried ${RUNS} requests about uploads in parts:`,
    Object.fromEntries([...counts].sort(([a], [b]) => a - b)),
  )
}, 120_000)
