import { channel } from 'node:diagnostics_channel'
import type { GateRequest } from '../contracts/gate.js'
import type { LatchkeyErrorCode } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/** What subscribers of the `latchkey:refused` diagnostics channel get. */
export interface RefusedEvent {
  readonly method: string
  /** Without the query, which may hold a token that is still good elsewhere. */
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
  const event: RefusedEvent = { method: request.method, path: withoutQuery(request.path), code, reason }
  refused.publish(event)
}

/** Tells the app of a fault that is not the client's. */
export function reportFault(error: unknown, request: GateRequest, settings: GateSettings): void {
  settings.onError(error, { method: request.method, path: withoutQuery(request.path) })
}

function withoutQuery(path: string): string {
  const queryStart = path.indexOf('?')
  return queryStart === -1 ? path : path.slice(0, queryStart)
}
