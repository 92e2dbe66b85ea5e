import type { IncomingMessage } from 'node:http'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { NativeUploads } from '@latchkey/core'
import { type S3DriverOptions, s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { type FixedAnswer, fixedAnswers } from './fixed-answers.js'
import { uploadsOf } from './upload-context.js'

const UPLOAD = {
  size: 5,
  contentType: 'image/png',
  visibility: 'private',
  conditional: false,
  expiresAt: new Date(Date.now() + 60_000),
} as const

/** A store that remembers what is put there, and refuses what S3 does. */
async function storeLikeS3(spoil: (request: IncomingMessage) => FixedAnswer | undefined = () => undefined) {
  const stored = new Map<string, string>()
  return fixedAnswers((request) => {
    const { headers, method = '', url = '' } = request
    const spoilt = spoil(request)
    if (spoilt !== undefined) return spoilt
    // Never signed by the driver, so S3 refuses it.
    if (headers['x-amz-copy-source'] !== undefined) return { status: 403, code: 'AccessDenied' }
    const name = decodeURIComponent(url.split('?')[0] ?? '')
    if (method === 'PUT') stored.set(name, '')
    if (url.includes('list-type=2')) {
      const keys = [...stored.keys()].map(
        (key) => `<Contents><Key>${key.slice('/b/'.length)}</Key></Contents>`,
      )
      return { status: 200, body: `<ListBucketResult>${keys.join('')}</ListBucketResult>` }
    }
    if (method === 'POST') {
      return {
        status: 200,
        body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
      }
    }
    const record = { contentType: 'image/png', visibility: 'private', direct: { size: 5, nonce: 'n' } }
    return { status: 200, headers: { etag: '"x"' }, body: method === 'GET' ? JSON.stringify(record) : '' }
  })
}

function uploadsOver(url: string, options: Partial<S3DriverOptions> = {}): NativeUploads {
  const client = s3Client(url, { maxAttempts: 1 })
  return uploadsOf(s3Driver({ client, bucket: 'b', getSignedUrl, ...options }))
}

describe('s3Driver has clients send bytes', () => {
  it('to a store that refuses unsigned headers with the type and size alone', async () => {
    const uploads = uploadsOver(await storeLikeS3())
    const id = await uploads.begin('a', UPLOAD)
    const { headers, url } = await uploads.sign('a', id, { partNumber: 1, expiresIn: 60 })
    expect(headers).toEqual({ 'content-type': 'image/png' })
    const parameters = new URL(url).searchParams
    expect(parameters.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host')
    expect([...parameters.keys()].filter((name) => /checksum|meta|acl/i.test(name))).toEqual([])
  })

  it('in parts not to a store that would copy other objects into one', async () => {
    const url = await storeLikeS3(({ headers, url = '' }) =>
      headers['x-amz-copy-source'] !== undefined && url.includes('partNumber') ? { status: 200 } : undefined,
    )
    const uploads = uploadsOver(url)
    await expect(uploads.begin('a', { ...UPLOAD, partSize: 5 })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('one piece only'),
    })
    await uploads.begin('a', UPLOAD)
  })

  it.each([500, 503, 429])('not before a store in trouble has said what it takes: %i', async (status) => {
    let inTrouble = true
    const url = await storeLikeS3(({ headers }) =>
      inTrouble && headers['x-amz-copy-source'] !== undefined ? { status } : undefined,
    )
    const uploads = uploadsOver(url)
    await expect(uploads.begin('a', UPLOAD)).rejects.toMatchObject({
      code: status === 429 ? 'storage_throttled' : 'storage_unavailable',
    })
    inTrouble = false
    await uploads.begin('a', UPLOAD)
  })

  it.each(['content-length', 'content-type'])('not at a URL that leaves %s open', async (left) => {
    const url = await storeLikeS3()
    const careless = new Proxy(getSignedUrl, {
      async apply(sign, self, args) {
        const signed = new URL(await Reflect.apply(sign, self, args))
        const names = signed.searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? []
        signed.searchParams.set('X-Amz-SignedHeaders', names.filter((name) => name !== left).join(';'))
        return signed.href
      },
    })
    const uploads = uploadsOver(url, { getSignedUrl: careless })
    const id = await uploads.begin('a', UPLOAD)
    await expect(uploads.sign('a', id, { partNumber: 1, expiresIn: 60 })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(left),
    })
  })

  it.each([
    ['length_mismatch', { 'content-length': '6', 'content-type': 'image/png' }],
    ['length_mismatch', { 'content-length': '4', 'content-type': 'image/png' }],
    ['type_not_allowed', { 'content-length': '5', 'content-type': 'text/html' }],
    ['type_not_allowed', { 'content-length': '5' }],
  ] as const)('and publishes nothing that the store should not have taken: %s, %o', async (code, headers) => {
    const published: string[] = []
    const url = await storeLikeS3(({ method, url = '' }) => {
      if (method === 'PUT' && url.startsWith('/b/a')) published.push(url)
      return method === 'HEAD' && url.includes('/d/')
        ? { status: 200, headers: { etag: '"x"', ...headers } }
        : undefined
    })
    const uploads = uploadsOver(url)
    const id = await uploads.begin('a', UPLOAD)
    const completion = { maxTotal: 5, shownBytes: 0 }
    await expect(uploads.complete('a', id, completion)).rejects.toMatchObject({ code })
    expect(published).toEqual([])
  })

  it('nor joins parts of another size', async () => {
    const joined: string[] = []
    const direct = { size: 5, nonce: 'n', parts: { size: 5, uploadId: 'u' } }
    const record = JSON.stringify({ contentType: 'image/png', visibility: 'private', direct })
    const part = '<Part><PartNumber>1</PartNumber><ETag>"x"</ETag><Size>4</Size></Part>'
    const url = await storeLikeS3(({ method, url = '' }) => {
      if (method === 'HEAD' && url.includes('/d/')) return { status: 404 }
      if (method === 'GET' && url.includes('/s/0')) return { status: 200, body: record }
      if (method === 'GET' && url.includes('uploadId=u')) {
        return { status: 200, body: `<ListPartsResult>${part}</ListPartsResult>` }
      }
      if (method === 'POST' && url.includes('uploadId=u')) joined.push(url)
      return undefined
    })
    const uploads = uploadsOver(url)
    const id = await uploads.begin('a', { ...UPLOAD, partSize: 5 })
    const completing = uploads.complete('a', id, { maxTotal: 5, shownBytes: 0 })
    await expect(completing).rejects.toMatchObject({ code: 'invalid_part' })
    expect(joined).toEqual([])
  })
})
