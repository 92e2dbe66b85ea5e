import { channel } from 'node:diagnostics_channel'
import type { GateRequest } from '../contracts/gate.js'
import type { LatchkeyErrorCode } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { withoutTokens } from './path-token.js'
import { STATUS } from './status.js'
import type { RefusedEvent } from './watch/events.js'
import { timesOf } from './watch/request-times.js'
import { watchOf } from './watch/request-watch.js'

const refused = channel('latchkey:refused')

/** Tells the diagnostics channel why a request was refused. */
export function reportRefusal(request: GateRequest, code: LatchkeyErrorCode, reason: string): void {
  const watched = watchOf(request)
  if (watched !== undefined) watched.isReported = true
  if (!refused.hasSubscribers) return
  const event: RefusedEvent = {
    method: request.method,
    path: pathForLogs(request.path),
    status: STATUS[code],
    code,
    reason,
    ...timesOf(request),
  }
  refused.publish(event)
}

/** Tells it of a refusal whose code says all there is to say. */
export function reportUntoldRefusal(request: GateRequest): void {
  const watched = watchOf(request)
  if (watched?.refusedAs === undefined || watched.isReported) return
  reportRefusal(request, watched.refusedAs, watched.refusedAs)
}

/** Tells the app of a fault that is not the client's. */
export function reportFault(error: unknown, request: GateRequest, settings: GateSettings): void {
  settings.onError(error, { method: request.method, path: pathForLogs(request.path) })
}

function pathForLogs(path: string): string {
  const queryStart = path.indexOf('?')
  return withoutTokens(queryStart === -1 ? path : path.slice(0, queryStart))
}
