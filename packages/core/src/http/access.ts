import type { GateReply, GateRequest } from '../contracts/gate.js'
import { type Enforced, type Grant, type Operation, verify } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { refuse } from './refusal.js'
import { reportRefusal } from './report.js'
import type { Target } from './target.js'

/** The grant of the request's token, or the refusal. A missing token is refused whether the object exists or not. */
export async function authenticate(
  request: GateRequest,
  target: Target,
  operation: Operation,
  settings: GateSettings,
  enforces: readonly Enforced[] = [],
): Promise<{ readonly grant: Grant } | { readonly refusal: GateReply }> {
  if (target.token === undefined) return { refusal: refuseTokenless(request) }
  const { keys, audience } = settings
  const verification = await verify({
    keys,
    audience,
    token: target.token,
    key: target.key,
    operation,
    now: settings.now(),
    enforces,
  })
  if (verification.ok) return { grant: verification.grant }
  reportRefusal(request, verification.code, verification.reason)
  return { refusal: refuse(request, verification.code) }
}

/** The answer to a request for something private without a token. */
export function refuseTokenless(request: GateRequest): GateReply {
  reportRefusal(request, 'token_required', 'no_token')
  return refuse(request, 'token_required')
}
