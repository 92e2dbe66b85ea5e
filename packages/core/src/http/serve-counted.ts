import type { GateReply, GateRequest } from '../contracts/gate.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { asksForChanges } from './conditional.js'
import { countedBody } from './counted-body.js'
import { countDownload, requireDownloadsLeft } from './download-count.js'
import type { GateSettings } from './gate-settings.js'
import { isPrefetch } from './prefetch.js'
import { parseRange } from './range.js'
import { serveObject } from './serve-object.js'

/**
 * A download is counted before the storage is asked, and given back where no bytes are sent: so a token that is used up
 * learns neither whether the object is there nor whether it has changed.
 */
export async function serveCounted(
  request: GateRequest,
  key: string,
  grant: Grant,
  settings: GateSettings,
): Promise<GateReply> {
  const wanted = { request, key, grant, settings }
  if (request.method === 'HEAD') {
    await requireDownloadsLeft(wanted, true)
    return serveObject(request, key, grant, settings)
  }
  if (isPrefetch(request)) {
    throw new LatchkeyError('prefetch_refused', 'a prefetch of what may be downloaded a number of times')
  }
  // A 304 costs nothing, so it is not refused to a client that is in the middle of its last download.
  const joins = asksForPart(request, settings) || asksForChanges(request)
  let download = await countDownload(wanted, joins)
  let body: GateReply['body'] = null
  let counts = false
  try {
    const reply = await serveObject(request, key, grant, settings)
    if (reply.body === null || reply.status >= 300) return reply
    body = reply.body
    if (joins && reply.status === 200 && reply.range === undefined) {
      // It is the whole object after all, which no download that was counted covers, and nobody has confirmed.
      if (grant.confirm) throw new LatchkeyError('confirmation_required', 'the download was not confirmed')
      await download.release()
      download = await countDownload(wanted, false)
    }
    counts = true
    return { status: reply.status, headers: reply.headers, body: countedBody(body, download) }
  } finally {
    if (!counts) await Promise.all([download.release(), dropped(body)])
  }
}

/** Whether a request asks for one part of an object, so that it may belong to a download that has begun. */
export function asksForPart(request: GateRequest, { storage }: GateSettings): boolean {
  const field = request.header('range')
  return storage.capabilities.ranges && parseRange(field, Number.MAX_SAFE_INTEGER) !== undefined
}

async function dropped(body: GateReply['body']): Promise<void> {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return
  await body[Symbol.asyncIterator]().return?.()
}
