import type { GateReply } from '../../contracts/gate.js'
import { encodeObjectKey } from '../../token/index.js'
import { requireUnread } from '../announcement.js'
import { jsonReply } from '../json-reply.js'
import { readLimitedText } from '../limited-text.js'
import { flagOf, propertiesOf, textOf, wholeOf } from '../minting/properties.js'
import { parseJson } from '../minting/read-json.js'
import { beginForToken } from '../multipart/begin.js'
import type { DirectCall } from './handle.js'
import { signed } from './sign-part.js'

const LONGEST_ANNOUNCEMENT = 4096
const LONGEST_TYPE = 255
const PROPERTIES = ['size', 'contentType', 'multipart']

/**
 * `POST`: says what will come, and gets where to send it. One piece gets the storage's URL at once, each part by a
 * request of its own to `complete` with `&partNumber=…`.
 */
export async function announce(call: DirectCall): Promise<GateReply> {
  const { grant, request, settings, target, direct } = call
  requireUnread(request)
  const text = await readLimitedText(call.body, LONGEST_ANNOUNCEMENT)
  const announced = propertiesOf(parseJson(text), PROPERTIES, 'The body')
  const inParts = flagOf(announced.multipart, 'multipart')
  const begun = await beginForToken(call, {
    size: wholeOf(announced.size, 'size', 0, Number.MAX_SAFE_INTEGER),
    contentType: textOf(announced.contentType || undefined, 'contentType', LONGEST_TYPE),
    inParts,
  })
  const { key, uploadId, storageId, partSize, expiresAt } = begun
  const url = begun.url ?? `${settings.baseUrl}${encodeObjectKey(key)}?token=${target.token}`
  const known = { key, uploadId, complete: `${url}&uploadId=${uploadId}` }
  const uploadExpiresAt = expiresAt.toISOString()
  if (inParts) return jsonReply({ ...known, partSize, uploadExpiresAt })
  const first = await signed({ direct, grant, settings, key, storageId, ends: expiresAt, partNumber: 1 })
  return jsonReply({ ...known, ...first, uploadExpiresAt })
}
