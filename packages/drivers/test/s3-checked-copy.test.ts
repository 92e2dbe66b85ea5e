import { expect, it } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { Bucket } from '../src/s3/bucket.js'
import { copyVersions } from '../src/s3/copy-versions.js'
import { readSettings } from '../src/s3/settings.js'
import { fixedAnswers } from './fixed-answers.js'
import { MIB } from './s3-bodies.js'

const SIZE = 6 * MIB

/** Over a store that checks the version of what it copies, as S3 does: whether it was asked to copy, or to send the bytes. */
async function askedFor(options: object): Promise<string[]> {
  const asked = new Set<string>()
  const url = await fixedAnswers(({ method = '', url: path = '', headers }) => {
    if (path.includes('/.latchkey/probe/')) {
      const copies = headers['x-amz-copy-source-if-match'] !== undefined
      const begins =
        method === 'POST' &&
        '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
      return copies
        ? { status: 412, code: 'PreconditionFailed' }
        : { status: 200, ...(begins && { body: begins }) }
    }
    asked.add(method === 'GET' ? 'bytes' : method === 'POST' ? 'copy' : method)
    return { status: 403, code: 'AccessDenied' }
  })
  const settings = readSettings({ client: s3Client(url, { maxAttempts: 1 }), bucket: 'b', partSize: 5 * MIB })
  const source = { name: 'staged', size: SIZE, etag: '"x"' }
  const request = {
    name: 'a',
    metadata: { visibility: 'private' },
    foreignSources: true,
    ...options,
  } as const
  await expect(copyVersions(new Bucket(settings), [source], request)).rejects.toMatchObject({
    code: 'storage_denied',
  })
  return [...asked]
}

it('the store copies what is larger than a part, but where the bytes are to be checked', async () => {
  expect(await askedFor({})).toEqual(['copy'])
  expect(await askedFor({ check: (body: unknown) => body })).toEqual(['bytes'])
})
