import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { type FixedAnswer, fixedAnswers } from './fixed-answers.js'
import { bodyOf, MIB, PRIVATE } from './s3-bodies.js'

const ETAG = '"0123456789abcdef0123456789abcdef"'
const REFUSED = { status: 412, code: 'PreconditionFailed' }

/** How a store differs that checks all conditions, as S3 does. */
interface Difference {
  /** What it answers to a removal on condition that holds. */
  readonly removal?: FixedAnswer
  /** Whether a completion is held to create-only. */
  readonly completesCreateOnly?: boolean
}

/** A store that has an object under each name, and takes ETags in their quotes alone. */
async function checkingStore({ removal = { status: 204 }, completesCreateOnly = true }: Difference = {}) {
  const seen: string[] = []
  let probed = false
  const url = await fixedAnswers(({ method = '', url: path = '', headers }) => {
    const match = headers['if-match']
    const isProbe = path.includes('/.latchkey/probe/')
    if (!isProbe) seen.push(`${method} ${path.split('?')[0]} ${match ?? ''}`.trim())
    if (match !== undefined && match !== ETAG) return REFUSED
    if (headers['if-none-match'] === '*') {
      const isKept = method === 'POST' && !completesCreateOnly
      if (!isKept && (method === 'POST' || probed)) return REFUSED
      probed = true
    }
    if (method === 'DELETE') return isProbe ? { status: 204 } : removal
    if (method === 'POST') {
      const body = path.includes('uploads')
        ? '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
        : `<CompleteMultipartUploadResult><ETag>${ETAG}</ETag></CompleteMultipartUploadResult>`
      return { status: 200, body }
    }
    return { status: 200, headers: { etag: ETAG } }
  })
  const driver = s3Driver({ client: s3Client(url, { maxAttempts: 1 }), bucket: 'b', partSize: 5 * MIB })
  return { driver, seen }
}

const MATCH = { type: 'match', etags: [ETAG] } as const

describe('s3Driver over a store that checks all conditions', () => {
  it('spells an ETag as the store takes it', async () => {
    const { driver, seen } = await checkingStore()
    await driver.write('a', bodyOf(10), { ...PRIVATE, precondition: MATCH })
    expect(seen).toContain(`PUT /b/a ${ETAG}`)
  })

  it('removes on condition, without a marker', async () => {
    const { driver, seen } = await checkingStore()
    expect(await driver.delete('a', MATCH)).toBe(true)
    expect(seen).toContain(`DELETE /b/a ${ETAG}`)
    expect(seen.filter((line) => line.startsWith('PUT'))).toEqual([])
  })

  it.each([
    ['another version', REFUSED],
    ['none any more', { status: 404, code: 'NoSuchKey' }],
  ])('fails on condition where the store finds %s', async (_name, removal) => {
    const { driver } = await checkingStore({ removal })
    await expect(driver.delete('a', MATCH)).rejects.toMatchObject({ code: 'precondition_failed' })
  })

  it.each([
    [true, 'POST'],
    [false, 'PUT'],
  ])(
    'sends parts on condition where both conditions are checked at the end: %s',
    async (completesCreateOnly, how) => {
      const { driver, seen } = await checkingStore({ completesCreateOnly })
      const options = { ...PRIVATE, precondition: MATCH, size: 6 * MIB }
      await driver.write('a', bodyOf(6 * MIB), options)
      expect(seen.filter((line) => line.endsWith(ETAG))).toEqual([`${how} /b/a ${ETAG}`])
    },
  )
})
