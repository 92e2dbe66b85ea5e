import type { GateRequest } from '../../contracts/gate.js'
import type { RequestTimes } from './events.js'
import { watchOf } from './request-watch.js'

/** When a request began, and how long ago. */
export function timesOf(request: GateRequest): RequestTimes {
  const stopwatch = watchOf(request)?.stopwatch
  return {
    startedAt: new Date(stopwatch?.startedAt ?? Date.now()),
    durationMs: stopwatch?.elapsed() ?? 0,
  }
}
