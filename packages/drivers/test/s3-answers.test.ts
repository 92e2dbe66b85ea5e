import { createHash } from 'node:crypto'
import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { type FixedAnswer, fixedAnswers } from './fixed-answers.js'
import { bodyOf, CREATE_ONLY, PRIVATE } from './s3-bodies.js'

/** A driver over a store that answers every request alike, but for a HEAD if `head` says so. */
async function driverOver(answer: FixedAnswer, head = answer) {
  const url = await fixedAnswers(({ method }) => (method === 'HEAD' ? head : answer))
  const client = s3Client(url, { maxAttempts: 1 })
  return s3Driver({ client, bucket: 'b' })
}

describe('s3Driver tells the troubles of a store apart', () => {
  it.each([
    ['storage_throttled', { status: 503, code: 'SlowDown' }],
    ['storage_throttled', { status: 429, code: 'TooManyRequests' }],
    ['storage_throttled', { status: 429 }],
    ['storage_unavailable', { status: 503, code: 'ServiceUnavailable' }],
    ['storage_unavailable', { status: 502, body: '<html>bad gateway</html>' }],
    ['storage_unavailable', { status: 500, code: 'InternalError' }],
    ['storage_unavailable', { status: 400, code: 'BadDigest' }],
    ['storage_denied', { status: 403, code: 'AccessDenied' }],
    ['storage_denied', { status: 403, code: 'SignatureDoesNotMatch' }],
    ['storage_denied', { status: 404, code: 'NoSuchBucket' }],
    ['storage_denied', { status: 301, code: 'PermanentRedirect' }],
    ['storage_denied', { status: 400, code: 'ExpiredToken' }],
    ['storage_full', { status: 403, code: 'QuotaExceeded' }],
    ['storage_full', { status: 507, code: 'XMinioStorageFull' }],
    ['too_large', { status: 400, code: 'EntityTooLarge' }],
    ['invalid_key', { status: 400, code: 'KeyTooLongError' }],
  ] as const)('%s: %o', async (code, answer) => {
    const driver = await driverOver(answer, { status: 200 })
    // Reading and removing fail no other way than writing.
    await expect(driver.open('a')).rejects.toMatchObject({ code })
    await expect(driver.write('a', bodyOf(10), PRIVATE)).rejects.toMatchObject({ code })
    if (answer.status !== 404)
      await expect(driver.multipart.listParts('a', ID)).rejects.toMatchObject({ code })
  })

  it('a HEAD has no error document: its status tells, and a missing bucket is looked for', async () => {
    for (const [status, code] of [
      [403, 'storage_denied'],
      [429, 'storage_throttled'],
      [500, 'storage_unavailable'],
      [404, 'storage_denied'],
    ] as const) {
      await expect((await driverOver({ status })).stat('a')).rejects.toMatchObject({ code })
    }
  })

  it('a store that knows no conditions is found out, before it stores anything', async () => {
    const stored: string[] = []
    const url = await fixedAnswers(({ method, url = '' }) => {
      if (method === 'PUT') stored.push(url)
      return { status: method === 'HEAD' ? 404 : 200, headers: { etag: '"x"' } }
    })
    const driver = s3Driver({ client: s3Client(url), bucket: 'b' })
    await expect(driver.write('a', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('conditionalWrites: false'),
    })
    expect(stored.filter((path) => !path.includes('/.latchkey/probe/'))).toEqual([])
  })

  it.each([
    ['create-only', (header: 'if-match' | 'if-none-match') => header === 'if-match' && 412],
    ['the version', (header: 'if-match' | 'if-none-match') => header === 'if-none-match' && 412],
    ['either, and says so', () => 501],
  ] as const)('a store that does not check %s is found out', async (_name, refusal) => {
    let probes = 0
    const url = await fixedAnswers(({ method, url = '', headers }) => {
      const header = headers['if-match'] === undefined ? 'if-none-match' : 'if-match'
      const isFirst = url.includes('/.latchkey/probe/') && method === 'PUT' && probes++ === 0
      const status = method === 'PUT' && headers[header] !== undefined && refusal(header)
      if (status === 501 || (status !== false && !isFirst)) return { status, code: 'Refused' }
      return { status: method === 'HEAD' ? 404 : 200, headers: { etag: '"x"' } }
    })
    const driver = s3Driver({ client: s3Client(url, { maxAttempts: 1 }), bucket: 'b' })
    await expect(driver.write('a', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({ code: 'invalid_option' })
  })

  it('sends a digest with what it stores, so that the store finds damage on the way', async () => {
    const digests: unknown[] = []
    const url = await fixedAnswers(({ method, headers }) => {
      if (method === 'PUT') digests.push(headers['content-md5'])
      return { status: 200, headers: { etag: '"x"' } }
    })
    await s3Driver({ client: s3Client(url), bucket: 'b' }).write('a', bodyOf(10), PRIVATE)
    expect(digests).toEqual([createHash('md5').update(Buffer.alloc(10, 1)).digest('base64')])
  })

  it('without conditional writes it asks the store for none, and holds nothing to one', async () => {
    const asked: unknown[] = []
    const url = await fixedAnswers(({ method, headers }) => {
      asked.push(headers['if-none-match'], headers['if-match'])
      return { status: method === 'HEAD' ? 404 : 200, headers: { etag: '"x"' } }
    })
    const driver = s3Driver({ client: s3Client(url), bucket: 'b', conditionalWrites: false })
    await expect(driver.write('a', bodyOf(10), CREATE_ONLY)).rejects.toMatchObject({ code: 'invalid_option' })
    await expect(driver.delete('a', { type: 'match', etags: ['"x"'] })).rejects.toMatchObject({
      code: 'invalid_option',
    })
    expect(asked).toEqual([])
  })
})

const ID = `zzzzzzzzz-${'a'.repeat(22)}`
