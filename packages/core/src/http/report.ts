import { channel } from 'node:diagnostics_channel'
import type { GateRequest } from '../contracts/gate.js'
import type { LatchkeyErrorCode } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { withoutTokens } from './path-token.js'

/** What subscribers of the `latchkey:refused` diagnostics channel get. */
export interface RefusedEvent {
  readonly method: string
  /** Without the query, and with `{token}` in place of a token: it may still be good elsewhere. */
  readonly path: string
  /** What the client was told. */
  readonly code: LatchkeyErrorCode
  /** What was really the matter; never sent to a client. */
  readonly reason: string
}

const refused = channel('latchkey:refused')

/** Tells the diagnostics channel why a request was refused. */
export function reportRefusal(request: GateRequest, code: LatchkeyErrorCode, reason: string): void {
  if (!refused.hasSubscribers) return
  const event: RefusedEvent = { method: request.method, path: pathForLogs(request.path), code, reason }
  refused.publish(event)
}

/** Tells the app of a fault that is not the client's. */
export function reportFault(error: unknown, request: GateRequest, settings: GateSettings): void {
  settings.onError(error, { method: request.method, path: pathForLogs(request.path) })
}

function pathForLogs(path: string): string {
  const queryStart = path.indexOf('?')
  return withoutTokens(queryStart === -1 ? path : path.slice(0, queryStart))
}
