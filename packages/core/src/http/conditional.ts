import type { GateRequest } from '../contracts/gate.js'
import type { ObjectStat } from '../contracts/storage-driver.js'
import { matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tags.js'
import { parseHttpDate, wholeSeconds } from './http-date.js'

/** What the request's conditions ask for. */
export type ConditionalOutcome = 'proceed' | 'not_modified' | 'precondition_failed'

/** Evaluates the conditions of a GET or HEAD in the order of RFC 9110, section 13.2.2. */
export function evaluateReadConditions(request: GateRequest, stat: ObjectStat): ConditionalOutcome {
  if (!stateIsAsRequired(request, stat)) return 'precondition_failed'
  const ifNoneMatch = request.header('if-none-match')
  if (ifNoneMatch !== undefined) {
    const tags = parseEntityTags(ifNoneMatch)
    return tags !== undefined && matchesWeakly(tags, stat.etag) ? 'not_modified' : 'proceed'
  }
  const ifModifiedSince = request.header('if-modified-since')
  if (ifModifiedSince !== undefined) {
    const since = parseHttpDate(ifModifiedSince)
    if (since !== undefined && wholeSeconds(stat.lastModified) <= since) return 'not_modified'
  }
  return 'proceed'
}

/** Whether a GET or HEAD may be answered with 304. */
export function asksForChanges(request: GateRequest): boolean {
  return request.header('if-none-match') !== undefined || request.header('if-modified-since') !== undefined
}

/** Evaluates the conditions of a PUT or DELETE against what is there now: `false` means 412. */
export function writeConditionsHold(request: GateRequest, stat: ObjectStat | null): boolean {
  if (!stateIsAsRequired(request, stat)) return false
  const ifNoneMatch = request.header('if-none-match')
  if (ifNoneMatch === undefined || stat === null) return true
  const tags = parseEntityTags(ifNoneMatch)
  // A condition that nobody can read cannot be said to hold.
  return tags !== undefined && !matchesWeakly(tags, stat.etag)
}

/** `If-Match`, or without it `If-Unmodified-Since`. A malformed `If-Match` matches nothing. */
function stateIsAsRequired(request: GateRequest, stat: ObjectStat | null): boolean {
  const ifMatch = request.header('if-match')
  if (ifMatch !== undefined) {
    const tags = parseEntityTags(ifMatch)
    return stat !== null && tags !== undefined && matchesStrongly(tags, stat.etag)
  }
  const ifUnmodifiedSince = request.header('if-unmodified-since')
  if (ifUnmodifiedSince === undefined || stat === null) return true
  const since = parseHttpDate(ifUnmodifiedSince)
  return since === undefined || wholeSeconds(stat.lastModified) <= since
}

/** Whether `If-Range` (RFC 9110, section 13.1.5) lets the Range count: strong tags, dates to the second. */
export function ifRangeHolds(request: GateRequest, stat: ObjectStat): boolean {
  const ifRange = request.header('if-range')
  if (ifRange === undefined) return true
  if (ifRange.startsWith('"')) return ifRange === stat.etag
  return parseHttpDate(ifRange) === wholeSeconds(stat.lastModified)
}

/** Whether a PUT or DELETE has any condition in its header. */
export function hasWriteConditions(request: GateRequest): boolean {
  return ['if-match', 'if-none-match', 'if-unmodified-since'].some(
    (name) => request.header(name) !== undefined,
  )
}
