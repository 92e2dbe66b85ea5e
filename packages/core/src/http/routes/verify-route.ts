import type { GateReply, GateRequest } from '../../contracts/gate.js'
import { type Grant, LatchkeyError, type LatchkeyErrorCode } from '../../token/index.js'
import { verifyFor } from '../access.js'
import type { GateSettings } from '../gate-settings.js'
import { closeSlowly } from '../lingering-close.js'
import { type RefusalOptions, refuse } from '../refusal.js'
import { reportFault, reportRefusal } from '../report.js'
import { watch } from '../watch/request-watch.js'
import { routesAudience } from './audience.js'
import { routeKey, splitRouteToken } from './route-target.js'

/** What a signed route learns of the URL that it was asked with. */
export interface RouteGrant {
  /** Whom the URL was signed for. */
  readonly subject?: string
  /** The text that was signed into the URL. */
  readonly payload?: string
  readonly expiresAt: Date
}

/** Whether a request may go on to its route; where not, what to answer. */
export type RouteVerdict = { readonly grant: RouteGrant } | { readonly refusal: GateReply }

/** See `Latchkey.verifyRoute`. */
export async function verifyRoute(request: GateRequest, settings: GateSettings): Promise<RouteVerdict> {
  watch(request)
  const split = splitRouteToken(request.path)
  if (split === null) {
    return refused(request, 'token_required', 'no_token', { detail: 'A signed token is required here.' })
  }
  if (split === undefined) return refused(request, 'invalid_signature', 'malformed_target')
  const asked = {
    audience: routesAudience(settings.audience),
    token: split.token,
    key: routeKey(request.method, split.target),
    operation: 'get',
    enforces: [],
  } as const
  const verification = await verifyFor(request, asked, settings).catch((error: unknown) => {
    if (!(error instanceof LatchkeyError)) throw error
    reportFault(error, request, settings)
    reportRefusal(request, error.code, error.message)
    return error
  })
  if (verification instanceof LatchkeyError) return { refusal: answer(request, verification.code) }
  if (!verification.ok) return refused(request, verification.code, verification.reason)
  const { grant } = verification
  // One for a prefix would be for every route there is.
  if (!('key' in grant.scope)) return refused(request, 'invalid_signature', 'scope_mismatch')
  return { grant: routeGrant(grant) }
}

function routeGrant({ expiresAt, payload, subject }: Grant): RouteGrant {
  return {
    expiresAt: new Date(expiresAt * 1000),
    ...(subject !== undefined && { subject }),
    ...(payload !== undefined && { payload }),
  }
}

function refused(
  request: GateRequest,
  code: LatchkeyErrorCode,
  reason: string,
  options?: RefusalOptions,
): RouteVerdict {
  reportRefusal(request, code, reason)
  return { refusal: answer(request, code, options) }
}

function answer(request: GateRequest, code: LatchkeyErrorCode, options?: RefusalOptions): GateReply {
  const refusal = refuse(request, code, options)
  if (request.body === null || request.bodyAlreadyRead) return refusal
  request.refuseBody?.()
  return closeSlowly(refusal, request.body)
}
