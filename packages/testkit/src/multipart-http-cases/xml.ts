import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { request, uploadUrl } from '../http-cases/exchange.js'
import { assertProblem, assertStored } from '../http-cases/expect.js'
import type { ClientReply, ClientRequestOptions } from '../http-client.js'
import { begin, complete, partsCase, sendPart, uploadAll } from './wire.js'

/** An element's text, or what is in it; several of one name make a list. */
type XmlNode = string | { [name: string]: XmlNode | XmlNode[] }

const ELEMENT = /<([A-Za-z]+)>([\s\S]*?)<\/\1>/g
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Reads a document in the way of small S3 clients: tags without attributes, five entities, nothing else. */
function read(text: string): XmlNode {
  const node: { [name: string]: XmlNode | XmlNode[] } = {}
  let found = false
  for (const [, name = '', content = ''] of text.matchAll(ELEMENT)) {
    found = true
    const before = node[name]
    const inner = read(content)
    node[name] = before === undefined ? inner : [...(Array.isArray(before) ? before : [before]), inner]
  }
  if (found) return node
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}

function xmlOf(reply: ClientReply, status = 200): XmlNode {
  const text = reply.body.toString()
  assert.equal(reply.status, status, text)
  assert.equal(reply.headers['content-type'], 'application/xml')
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.match(text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n</)
  return read(text.slice(text.indexOf('\n')))
}

/** As S3 clients send it: no `Accept` at all. */
function asS3(context: HttpCaseContext, url: string, options: ClientRequestOptions): Promise<ClientReply> {
  return request(context, url, options)
}

function document(parts: readonly { partNumber: number; etag: string }[]): string {
  const listed = parts.map(
    ({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`,
  )
  return `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
}

const MALFORMED = [
  '<CompleteMultipartUpload/>',
  '<CompleteMultipartUpload></CompleteMultipartUpload>',
  '<CompleteMultipartUpload><Part></Part></CompleteMultipartUpload>',
  '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
  '<CompleteMultipartUpload>x<Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  '<Other><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></Other>',
  '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag>',
  '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><CompleteMultipartUpload>&e;</CompleteMultipartUpload>',
]

/** Uploads in parts in S3's shape. */
export const xmlCases: readonly HttpCase[] = [
  partsCase('an S3 client begins, lists and completes an upload in XML', async (context) => {
    const key = 'dir/a <b> & "c".txt'
    const url = await uploadUrl(context, key)
    const started = xmlOf(await asS3(context, `${url}&uploads=`, { method: 'POST' }))
    assert.ok(typeof started === 'object' && typeof started.InitiateMultipartUploadResult === 'object')
    const { UploadId: uploadId, ...rest } = started.InitiateMultipartUploadResult as Record<string, string>
    assert.deepEqual(rest, { Bucket: 'latchkey', Key: key })
    const begun = { key, url, uploadId: encodeURIComponent(uploadId ?? '') }
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    const { ListPartsResult } = xmlOf(await asS3(context, `${url}&uploadId=${begun.uploadId}`, {})) as Record<
      string,
      Record<string, XmlNode>
    >
    assert.deepEqual(ListPartsResult, {
      Bucket: 'latchkey',
      Key: key,
      UploadId: uploadId,
      IsTruncated: 'false',
      Part: parts.map(({ partNumber, etag }, at) => ({
        PartNumber: String(partNumber),
        ETag: etag,
        Size: at === 0 ? '5' : '4',
      })),
    })
    const reply = await asS3(context, `${url}&uploadId=${begun.uploadId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: document(parts),
    })
    assert.deepEqual(xmlOf(reply, 201), {
      CompleteMultipartUploadResult: {
        Location: `https://files.example${context.mount}/dir/a%20%3Cb%3E%20%26%20%22c%22.txt`,
        Bucket: 'latchkey',
        Key: key,
        ETag: reply.headers.etag ?? '',
      },
    })
    await assertStored(context, key, 'some text')
  }),
  partsCase(
    'a list of parts may have a declaration, a namespace, white space and escaped quotes',
    async (context) => {
      const begun = await begin(context, 'a.txt')
      const parts = await uploadAll(context, begun, ['some ', 'text'])
      const spaced = `<?xml version="1.0" encoding="UTF-8"?>\n${document(
        parts.map(({ partNumber, etag }) => ({ partNumber, etag: etag.replaceAll('"', '&quot;') })),
      )
        .replace('Upload>', 'Upload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
        .replaceAll('><', '>\n  <')}\n`
      const reply = await complete(context, begun, spaced, { 'content-type': 'application/xml' })
      assert.equal(reply.status, 201, reply.body.toString())
      await assertStored(context, 'a.txt', 'some text')
    },
  ),
  partsCase('a list of parts that is malformed XML is 400 invalid_part', async (context) => {
    const begun = await begin(context, 'a.txt')
    await uploadAll(context, begun, ['x'])
    for (const text of MALFORMED) {
      assertProblem(await complete(context, begun, text, { 'content-type': 'text/xml' }), 400, 'invalid_part')
    }
  }),
  partsCase('an S3 client gets the statuses of S3, as problems', async (context) => {
    const begun = await begin(context, 'a.txt')
    const forged = { ...begun, uploadId: `${begun.uploadId}x` }
    assertProblem(
      await asS3(context, `${begun.url}&uploadId=${forged.uploadId}`, {}),
      404,
      'upload_not_found',
    )
    assertProblem(await sendPart(context, forged, 1, 'x'), 404, 'upload_not_found')
  }),
]
