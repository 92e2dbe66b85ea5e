import type { GateReply } from '../../contracts/gate.js'
import type { SessionCall } from './handle.js'
import { reply, type XmlElement } from './reply-format.js'

/** `GET ?uploadId`: the parts that are there. */
export async function listParts({
  request,
  key,
  session,
  storage,
  uploadId,
}: SessionCall): Promise<GateReply> {
  const parts = await storage.listParts(key, session.storageId)
  const listed = parts.map(({ partNumber, etag, size }) => ({ partNumber, etag, size }))
  return reply(request, 200, { key, uploadId, parts: listed }, [
    'ListPartsResult',
    [
      ['Bucket', 'latchkey'],
      ['Key', key],
      ['UploadId', uploadId],
      ['IsTruncated', 'false'],
      ...listed.map(
        ({ partNumber, etag, size }): XmlElement => [
          'Part',
          [
            ['PartNumber', partNumber],
            ['ETag', etag],
            ['Size', size],
          ],
        ],
      ),
    ],
  ])
}
