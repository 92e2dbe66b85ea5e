import type { GateReply, GateRequest } from '../contracts/gate.js'
import {
  type Enforced,
  type Grant,
  type Operation,
  type VerifyFailure,
  type VerifyResult,
  verify,
} from '../token/index.js'
import { cookieTokens } from './cookie-tokens.js'
import type { GateSettings } from './gate-settings.js'
import { refuse } from './refusal.js'
import { reportRefusal } from './report.js'
import { revocationLookup } from './revocation-lookup.js'
import type { Target } from './target.js'
import { mayKnowTimes, watchOf } from './watch/request-watch.js'

/** The grant of the request's token, or the refusal. A missing token is refused whether the object exists or not. */
export async function authenticate(
  request: GateRequest,
  target: Target,
  operation: Operation,
  settings: GateSettings,
  enforces: readonly Enforced[] = [],
): Promise<{ readonly grant: Grant } | { readonly refusal: GateReply }> {
  const { token, key } = target
  if (token === undefined) return { refusal: refuseTokenless(request) }
  const verification = await verifyFor(request, { token, key, operation, enforces }, settings)
  if (!verification.ok) return { refusal: refuseToken(request, verification) }
  mayKnowTimes(request)
  return { grant: verification.grant }
}

/**
 * The grant of a request's cookies to read an object, or why none opens it: what is the matter with one whose MAC holds,
 * if there is such a one. Without a cookie there is nothing. Where nobody can tell whether one was revoked, that is a fault for
 * whoever needs it alone: what is public is served, though a browser sends its cookies along. Downloads by cookie are not counted, so that one whose
 * downloads are limited opens nothing.
 */
export async function authenticateByCookie(
  request: GateRequest,
  key: string,
  operation: 'get' | 'head',
  settings: GateSettings,
): Promise<VerifyResult | CookieFault | undefined> {
  let failure: VerifyFailure | undefined
  let fault: CookieFault | undefined
  for (const token of cookieTokens(request)) {
    const verification = await verifyFor(request, { token, key, operation, enforces: [] }, settings).catch(
      (error: unknown): CookieFault => ({ ok: false, fault: error }),
    )
    if ('fault' in verification) fault = verification
    else if (verification.ok) return { ok: true, grant: keptPrivate(verification.grant) }
    else if (failure === undefined || failure.code === 'invalid_signature') failure = verification
  }
  return fault ?? failure
}

/** A cookie of which nobody could tell whether it is good. */
export interface CookieFault {
  readonly ok: false
  readonly fault: unknown
}

/** Here the URL is no secret, so a cache that is shared must not keep what it answers, whatever the signer fixed. */
function keptPrivate(grant: Grant): Grant {
  const { 'cache-control': _cacheControl, expires: _expires, ...headers } = grant.responseHeaders ?? {}
  return { ...grant, responseHeaders: headers }
}

/** The answer to a token that does not open what is asked for. */
export function refuseToken(request: GateRequest, { code, reason }: VerifyFailure): GateReply {
  reportRefusal(request, code, reason)
  return refuse(request, code)
}

/** The answer to a request for something private without a token. */
export function refuseTokenless(request: GateRequest): GateReply {
  reportRefusal(request, 'token_required', 'no_token')
  return refuse(request, 'token_required')
}

interface Asked {
  readonly token: string
  readonly key: string
  readonly operation: Operation
  readonly enforces: readonly Enforced[]
  /** Default: the mount's. */
  readonly audience?: string
}

/** What becomes of a token, given where the request comes from. */
export async function verifyFor(
  request: GateRequest,
  asked: Asked,
  settings: GateSettings,
): Promise<VerifyResult> {
  const { keys, audience, now, remembered } = settings
  const stopwatch = watchOf(request)?.stopwatch
  const begun = performance.now()
  const ofLedger = stopwatch?.of('ledger') ?? 0
  const { token, key, operation, enforces } = asked
  const verified = verify({
    audience: asked.audience ?? audience,
    remembered,
    token,
    key,
    operation,
    enforces,
    keys,
    now: now(),
    address: request.address?.(),
    isRevoked: revocationLookup(key, settings),
  })
  // As a rule it is there: to wait would cost a turn.
  const verification = verified instanceof Promise ? await verified : verified
  const lookedUp = (stopwatch?.of('ledger') ?? 0) - ofLedger
  stopwatch?.add('token', performance.now() - begun - lookedUp)
  return verification
}
