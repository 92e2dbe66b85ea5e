import type { GateReply, GateRequest } from '../contracts/gate.js'
import { isInMemory } from '../contracts/shared-bytes.js'
import type { ByteRange, ObjectStat, StoredObject } from '../contracts/storage-driver.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { refuseTokenless } from './access.js'
import { asksForChanges, evaluateReadConditions, ifRangeHolds } from './conditional.js'
import { ofCurrentVersion } from './current-version.js'
import { exactLength } from './exact-length.js'
import type { GateSettings } from './gate-settings.js'
import { notModifiedHeaders, rangeHeaders, wholeHeaders } from './object-headers.js'
import { parseRange } from './range.js'
import { refuse } from './refusal.js'
import { timed } from './watch/request-watch.js'

/** GET and HEAD of an object that a token opens: existence, conditions, range. */
export async function serveObject(
  request: GateRequest,
  key: string,
  grant: Grant,
  settings: GateSettings,
): Promise<Head> {
  if (request.method === 'HEAD' || asksForChanges(request)) {
    const stat = await settings.storage.stat(key)
    if (stat === null) return refuse(request, 'not_found')
    const head = headOf(request, key, stat, grant, settings)
    if (request.method === 'HEAD') return { ...head, body: null }
    // As a rule nothing has changed, and to look costs less than to open.
    if (!hasBytes(head)) return head
  }
  return ofCurrentVersion(async () => {
    const object = await settings.storage.open(key)
    if (object === null) return refuse(request, 'not_found')
    return sendObject(request, key, object, grant, settings)
  })
}

/** What becomes of an object that was opened; `mayBeSent` is asked before anything is told of it. */
export async function sendObject(
  request: GateRequest,
  key: string,
  object: StoredObject,
  grant: Grant | null,
  settings: GateSettings,
  mayBeSent?: () => Promise<boolean>,
): Promise<Head> {
  let kept = false
  try {
    if (mayBeSent !== undefined && !(await mayBeSent())) return refuseTokenless(request)
    const reply = headOf(request, key, object.stat, grant, settings)
    if (!hasBytes(reply)) return reply
    if (settings.handOver !== undefined) {
      const headers = wholeHeaders({ key, stat: object.stat, grant, settings })
      const handedOver = await settings.handOver({ request, key, object, headers, grant })
      if (handedOver !== undefined) return { ...handedOver, ...(reply.range && { range: reply.range }) }
    }
    const body = await timed(request, 'storage', () => bodyOf(object, reply.range))
    kept = true
    return { status: reply.status, headers: reply.headers, body }
  } finally {
    if (!kept) await object.close()
  }
}

/** What a reply says of an object. */
export interface Head extends GateReply {
  /** Of a 206, also of one that somebody else will send. */
  readonly range?: ByteRange
}

/** Whether the object's bytes go with it. */
export function hasBytes({ status }: Head): boolean {
  return status === 200 || status === 206
}

/** Everything but the body of a 200 or 206. */
export function headOf(
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
  const described = { key, stat, grant, settings }
  if (outcome === 'not_modified') return { status: 304, headers: notModifiedHeaders(described), body: null }
  const mayRange = acceptsRanges && request.method === 'GET' && ifRangeHolds(request, stat)
  const range = mayRange ? parseRange(request.header('range'), stat.size) : undefined
  if (range === 'unsatisfiable') {
    return refuse(request, 'range_not_satisfiable', { headers: { 'content-range': `bytes */${stat.size}` } })
  }
  if (range === undefined) return { status: 200, headers: wholeHeaders(described), body: null }
  return { status: 206, headers: rangeHeaders(described, range), body: null, range }
}

/** RFC 9110, section 8.8.2.1: a storage whose clock is ahead must not make us send a date that is yet to come. */
function withoutFuture(stat: ObjectStat, now: number): ObjectStat {
  return stat.lastModified.getTime() <= now ? stat : { ...stat, lastModified: new Date(now) }
}

async function bodyOf(object: StoredObject, range: ByteRange | undefined): Promise<GateReply['body']> {
  const length = range === undefined ? object.stat.size : range.last - range.first + 1
  const bytes = await object.read(range)
  if (!isInMemory(bytes)) return exactLength(bytes, length)
  if (bytes.byteLength !== length) {
    throw new LatchkeyError(
      'storage_unavailable',
      `the storage sent ${bytes.byteLength} bytes instead of ${length}`,
    )
  }
  return bytes
}
