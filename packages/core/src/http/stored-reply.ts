import type { GateReply } from '../contracts/gate.js'
import type { WriteResult } from '../contracts/storage-driver.js'
import { encodeObjectKey, type Visibility } from '../token/index.js'
import { NO_STORE } from './cache-control.js'
import type { GateSettings } from './gate-settings.js'

/** The answer to a stored upload: 201 for a new object, 200 for a replaced one, with what was measured. */
export function storedReply(
  key: string,
  { stat, created }: WriteResult,
  contentType: string,
  visibility: Visibility,
  settings: GateSettings,
): GateReply {
  const text = JSON.stringify({ key, size: stat.size, contentType, etag: stat.etag, visibility })
  return {
    status: created ? 201 : 200,
    headers: {
      'cache-control': NO_STORE,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      etag: stat.etag,
      location: `${settings.baseUrl}${encodeObjectKey(key)}`,
      'x-content-type-options': 'nosniff',
    },
    body: text,
  }
}
