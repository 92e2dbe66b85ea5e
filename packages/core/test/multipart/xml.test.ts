import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { parsePartList } from '../../src/http/multipart/part-list.js'
import { mountOver, sendJson } from '../completion/upload.js'

const parser = new XMLParser({ parseTagValue: false, trimValues: false })

/** What a regular XML library reads. */
function read(text: string) {
  expect(XMLValidator.validate(text)).toBe(true)
  return parser.parse(text)
}

test.each(['a.txt', 'dir/a b.txt', '<script>&amp;"\'.txt', ']]>.txt', 'ä/日本語 💾.bin'])(
  'the answers about %j are XML that a regular library reads',
  async (key) => {
    const { files } = await mountOver()
    const { url } = await files.signedUploadUrl(key)
    const path = url.slice('https://app.example.com/files'.length)
    const begun = read((await sendJson(files, 'POST', `${path}&uploads`, undefined, '*/*')).text)
    const { Key, UploadId } = begun.InitiateMultipartUploadResult
    expect(Key).toBe(key)
    const at = `${path}&uploadId=${encodeURIComponent(UploadId)}`
    const etags: string[] = []
    for (const partNumber of [1, 2]) {
      const part = await sendJson(files, 'PUT', `${at}&partNumber=${partNumber}`, 'text')
      etags.push(part.headers.etag ?? '')
    }
    const { ListPartsResult } = read((await sendJson(files, 'GET', at, undefined, '*/*')).text)
    expect(ListPartsResult).toMatchObject({
      Key: key,
      UploadId,
      IsTruncated: 'false',
      Part: etags.map((ETag, nth) => ({ PartNumber: String(nth + 1), ETag, Size: '4' })),
    })
    const builder = new XMLBuilder({ format: true, ignoreAttributes: false })
    const list = builder.build({
      '?xml': { '@_version': '1.0' },
      CompleteMultipartUpload: {
        '@_xmlns': 'http://s3.amazonaws.com/doc/2006-03-01/',
        Part: etags.map((ETag, nth) => ({ ETag, PartNumber: nth + 1 })),
      },
    })
    const done = await sendJson(files, 'POST', at, list, '*/*')
    expect(done.status).toBe(201)
    expect(read(done.text).CompleteMultipartUploadResult).toEqual({
      Location: url.split('?')[0],
      Bucket: 'latchkey',
      Key: key,
      ETag: done.headers.etag,
    })
  },
)

test('a list of 10 000 parts is read in moments, and so is one made to be slow', () => {
  const part = (number: number) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${'e'.repeat(32)}&quot;</ETag></Part>`
  const parts = Array.from({ length: 10_000 }, (_, at) => part(at + 1)).join('')
  const started = performance.now()
  expect(parsePartList(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`)).toHaveLength(10_000)
  for (const hostile of [
    `<CompleteMultipartUpload>${'<Part>'.repeat(200_000)}`,
    `<CompleteMultipartUpload>${'</CompleteMultipartUpload> '.repeat(50_000)}x`,
    `<CompleteMultipartUpload>${'<Part><PartNumber>'.repeat(80_000)}</CompleteMultipartUpload>`,
    `<CompleteMultipartUpload>${' '.repeat(1_000_000)}x</CompleteMultipartUpload>`,
    `<?xml ${'?'.repeat(1_000_000)}`,
  ]) {
    expect(() => parsePartList(hostile)).toThrow(expect.objectContaining({ code: 'invalid_part' }))
  }
  expect(performance.now() - started).toBeLessThan(10_000)
})
