import { expect, test } from 'vitest'
import { memoryDriver } from '../../../drivers/src/memory/index.js'
import type { CompleteMultipartOptions, LatchkeyOptions } from '../../src/index.js'
import { mountOver, sendJson } from '../completion/upload.js'

/** What a storage is told of an upload in parts that completes. */
async function completionOf(options: Partial<LatchkeyOptions>): Promise<CompleteMultipartOptions> {
  const storage = memoryDriver()
  const { multipart } = storage
  const complete = multipart.complete.bind(multipart)
  let told: CompleteMultipartOptions | undefined
  multipart.complete = (key, uploadId, parts, how) => {
    told = how
    return complete(key, uploadId, parts, how)
  }
  const { files } = await mountOver({ storage, ...options })
  const { url } = await files.signedUploadUrl('a.txt')
  const path = url.slice('https://app.example.com/files'.length)
  const begun = await sendJson(files, 'POST', `${path}&uploads`)
  const { uploadId } = begun.json
  const part = await sendJson(files, 'PUT', `${path}&uploadId=${uploadId}&partNumber=1`, 'text')
  const parts = [{ partNumber: 1, etag: part.headers.etag }]
  const done = await sendJson(files, 'POST', `${path}&uploadId=${uploadId}`, JSON.stringify({ parts }))
  expect([begun.status, part.status, done.status]).toEqual([200, 200, 201])
  if (told === undefined) throw new Error('the storage was told nothing')
  return told
}

test('a storage need not read the parts again where nobody looks at their bytes', async () => {
  expect(await completionOf({})).not.toHaveProperty('onBytes')
})

test.each<[string, Partial<LatchkeyOptions>]>([
  ['sniff', { sniff: () => undefined }],
  ['onUploadCompleted', { onUploadCompleted: () => {} }],
])('it shows them where there is %s', async (_, options) => {
  expect(await completionOf(options)).toHaveProperty('onBytes')
})
