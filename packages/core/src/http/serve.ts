import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { ByteRange, ObjectStat, StoredObject } from '../contracts/storage-driver.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { authenticate, authenticateByCookie, refuseToken, refuseTokenless } from './access.js'
import { evaluateReadConditions, ifRangeHolds } from './conditional.js'
import { countedBody } from './counted-body.js'
import { countDownload, requireDownloadsLeft } from './download-count.js'
import { exactLength } from './exact-length.js'
import type { GateSettings } from './gate-settings.js'
import { objectHeaders } from './object-headers.js'
import { isPrefetch } from './prefetch.js'
import { hasPublicObjects, isPublic } from './public-access.js'
import { parseRange } from './range.js'
import { refuse } from './refusal.js'
import type { Target } from './target.js'

/** GET and HEAD. Access first, then existence, conditions and range: a refused stranger learns nothing. */
export async function serve(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
): Promise<GateReply> {
  const operation = request.method === 'HEAD' ? 'head' : 'get'
  if (target.token === undefined) return serveTokenless(request, target.key, operation, settings)
  const access = await authenticate(request, target, operation, settings, ['downloads'])
  if ('refusal' in access) return access.refusal
  const { grant } = access
  const serveIt = grant.downloadLimits.length === 0 ? serveObject : serveCounted
  return serveIt(request, target.key, grant, settings)
}

/**
 * A download is counted before the storage is asked, and given back where no bytes are sent: so a token that is used up
 * learns neither whether the object is there nor whether it has changed.
 */
async function serveCounted(
  request: GateRequest,
  key: string,
  grant: Grant,
  settings: GateSettings,
): Promise<GateReply> {
  if (request.method === 'HEAD') {
    await requireDownloadsLeft(grant.downloadLimits, settings)
    return serveObject(request, key, grant, settings)
  }
  if (isPrefetch(request)) {
    throw new LatchkeyError('prefetch_refused', 'a prefetch of what may be downloaded a number of times')
  }
  const download = await countDownload(grant.downloadLimits, request, settings)
  let counts = false
  try {
    const reply = await serveObject(request, key, grant, settings)
    if (reply.body === null || reply.status >= 300) return reply
    counts = true
    return { ...reply, body: countedBody(reply.body, download) }
  } finally {
    if (!counts) await download.release()
  }
}

/** What a cookie opens, else what is public. */
async function serveTokenless(
  request: GateRequest,
  key: string,
  operation: 'get' | 'head',
  settings: GateSettings,
): Promise<GateReply> {
  const cookie = await authenticateByCookie(request, key, operation, settings)
  if (cookie?.ok !== true) {
    const refuseIt = () => (cookie === undefined ? refuseTokenless(request) : refuseToken(request, cookie))
    return servePublic(request, key, settings, refuseIt)
  }
  const reply = await serveObject(request, key, cookie.grant, settings)
  // A browser that has lost the cookie, or has another one, must not show its copy.
  const { vary } = reply.headers
  return { ...reply, headers: { ...reply.headers, vary: vary === undefined ? 'Cookie' : `${vary}, Cookie` } }
}

/** Without access an object that is private and one that is not there get the same answer. */
async function servePublic(
  request: GateRequest,
  key: string,
  settings: GateSettings,
  refuseIt: () => GateReply,
): Promise<GateReply> {
  if (!hasPublicObjects(settings)) return refuseIt()
  const stat = await settings.storage.stat(key)
  if (stat === null || !(await isPublic(key, stat, request, settings))) return refuseIt()
  if (request.method === 'HEAD') return { ...head(request, key, stat, null, settings), body: null }
  const object = await settings.storage.open(key)
  if (object === null) return refuseIt()
  return sendObject(request, key, object, null, settings, async () => {
    // Replaced or made private between the look and the opening.
    const isSame = object.stat.etag === stat.etag && object.stat.visibility === stat.visibility
    return isSame || (await isPublic(key, object.stat, request, settings))
  })
}

async function serveObject(
  request: GateRequest,
  key: string,
  grant: Grant,
  settings: GateSettings,
): Promise<GateReply> {
  if (request.method === 'HEAD') {
    const stat = await settings.storage.stat(key)
    if (stat === null) return refuse(request, 'not_found')
    return { ...head(request, key, stat, grant, settings), body: null }
  }
  const object = await settings.storage.open(key)
  if (object === null) return refuse(request, 'not_found')
  return sendObject(request, key, object, grant, settings, async () => true)
}

/** What becomes of an object that was opened; `mayBeSent` is asked before anything is told of it. */
async function sendObject(
  request: GateRequest,
  key: string,
  object: StoredObject,
  grant: Grant | null,
  settings: GateSettings,
  mayBeSent: () => Promise<boolean>,
): Promise<GateReply> {
  let kept = false
  try {
    if (!(await mayBeSent())) return refuseTokenless(request)
    const reply = head(request, key, object.stat, grant, settings)
    if (reply.status !== 200 && reply.status !== 206) return reply
    const handedOver = await handOver(request, key, object, grant, settings)
    if (handedOver !== undefined) return handedOver
    const body = await bodyOf(object, reply.range)
    kept = true
    return { status: reply.status, headers: reply.headers, body }
  } finally {
    if (!kept) await object.close()
  }
}

async function handOver(
  request: GateRequest,
  key: string,
  object: StoredObject,
  grant: Grant | null,
  settings: GateSettings,
): Promise<GateReply | undefined> {
  if (settings.handOver === undefined) return undefined
  const headers = objectHeaders(key, object.stat, grant, settings).ofWhole()
  return settings.handOver({ request, key, object, headers, grant })
}

interface Head extends GateReply {
  /** Of a 206. */
  readonly range?: ByteRange
}

/** Everything but the body of a 200 or 206. */
function head(
  request: GateRequest,
  key: string,
  stored: ObjectStat,
  grant: Grant | null,
  settings: GateSettings,
): Head {
  const stat = withoutFuture(stored, settings.now())
  const outcome = evaluateReadConditions(request, stat)
  if (outcome === 'precondition_failed') return refuse(request, 'precondition_failed')
  const acceptsRanges = settings.storage.capabilities.ranges
  const headers = objectHeaders(key, stat, grant, settings)
  if (outcome === 'not_modified') return { status: 304, headers: headers.ofNotModified(), body: null }
  const mayRange = acceptsRanges && request.method === 'GET' && ifRangeHolds(request, stat)
  const range = mayRange ? parseRange(request.header('range'), stat.size) : undefined
  if (range === 'unsatisfiable') {
    return refuse(request, 'range_not_satisfiable', { headers: { 'content-range': `bytes */${stat.size}` } })
  }
  if (range === undefined) return { status: 200, headers: headers.ofWhole(), body: null }
  return { status: 206, headers: headers.ofRange(range), body: null, range }
}

/** RFC 9110, section 8.8.2.1: a storage whose clock is ahead must not make us send a date that is yet to come. */
function withoutFuture(stat: ObjectStat, now: number): ObjectStat {
  return stat.lastModified.getTime() <= now ? stat : { ...stat, lastModified: new Date(now) }
}

async function bodyOf(object: StoredObject, range: ByteRange | undefined): Promise<GateReply['body']> {
  const length = range === undefined ? object.stat.size : range.last - range.first + 1
  const bytes = await object.read(range)
  if (!(bytes instanceof Uint8Array)) return exactLength(bytes, length)
  if (bytes.byteLength !== length) {
    throw new LatchkeyError(
      'storage_unavailable',
      `the storage sent ${bytes.byteLength} bytes instead of ${length}`,
    )
  }
  return bytes
}
