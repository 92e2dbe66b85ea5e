import type { GateReply } from '../../contracts/gate.js'
import { encodeObjectKey } from '../../token/index.js'
import { requireUnread } from '../announcement.js'
import { readLimitedText } from '../limited-text.js'
import type { SessionCall } from './handle.js'
import { inTurn } from './in-turn.js'
import { parsePartList } from './part-list.js'
import { publish } from './publish.js'
import { reply } from './reply-format.js'

const LONGEST_LIST = 2 * 1024 * 1024

/** `POST ?uploadId`: publishes the parts as one object. Repeating it gives the same answer. */
export async function complete(call: SessionCall): Promise<GateReply> {
  const { key, session, storage } = call
  const { storageId } = session
  requireUnread(call.request)
  const parts = parsePartList(await readLimitedText(call.body, LONGEST_LIST))
  return inTurn(storageId, async () => {
    const { stat, created } = await publish(call, {
      inParts: () => true,
      complete: (options) => storage.complete(key, storageId, parts, options),
      abort: () => storage.abort(key, storageId),
    })
    return completed(call, stat.size, stat.etag, created)
  })
}

function completed(call: SessionCall, size: number, etag: string, created: boolean): GateReply {
  const { request, key, session, settings } = call
  const { contentType, grant } = session
  const location = `${settings.baseUrl}${encodeObjectKey(key)}`
  const headers = { etag, location }
  return reply(
    request,
    created ? 201 : 200,
    { key, size, contentType, etag, visibility: grant.visibility },
    [
      'CompleteMultipartUploadResult',
      [
        ['Location', location],
        ['Bucket', 'latchkey'],
        ['Key', key],
        ['ETag', etag],
      ],
    ],
    headers,
  )
}
