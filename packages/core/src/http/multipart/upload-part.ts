import type { GateReply } from '../../contracts/gate.js'
import { LatchkeyError } from '../../token/index.js'
import { readBodySize, requireUnread } from '../announcement.js'
import { NO_STORE } from '../cache-control.js'
import { announcedDigests } from '../content-digest.js'
import { meterBody } from '../metered-body.js'
import { noBytes } from '../no-bytes.js'
import type { SessionCall } from './handle.js'

/** `PUT ?uploadId&partNumber`: stores a part; one of the same number is replaced. */
export async function uploadPart(call: SessionCall, partNumber: number): Promise<GateReply> {
  const { request, key, session, storage, maxTotal } = call
  requireUnread(request)
  const size = readBodySize(request)
  if (size !== undefined && size > maxTotal) {
    throw new LatchkeyError('too_large', `${size} bytes were announced, ${maxTotal} are allowed in all`)
  }
  const limits = { maxSize: maxTotal, announced: size, digests: announcedDigests(request) }
  const body = meterBody(call.body ?? noBytes(), limits)
  const part = await storage.writePart(key, session.storageId, partNumber, body, {
    maxTotal,
    ...(size !== undefined && { size }),
    ...(request.signal !== undefined && { signal: request.signal }),
  })
  return {
    status: 200,
    headers: { 'cache-control': NO_STORE, 'content-length': '0', etag: part.etag },
    body: '',
  }
}
