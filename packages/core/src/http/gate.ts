import type { Bytes } from '../contracts/bytes.js'
import type { GateReply, GateRequest } from '../contracts/gate.js'
import { LatchkeyError } from '../token/index.js'
import { ALLOW, answerOptions, withCors } from './cors.js'
import type { GateSettings } from './gate-settings.js'
import { closeSlowly } from './lingering-close.js'
import { receive } from './receive.js'
import { refuse } from './refusal.js'
import { remove } from './remove.js'
import { reportFault, reportRefusal } from './report.js'
import { serve } from './serve.js'
import { STATUS } from './status.js'
import { parseTarget } from './target.js'
import { type TrackedBody, trackBody } from './tracked-body.js'

/** Decides a request: the one door through which every adapter goes. */
export async function decide(request: GateRequest, settings: GateSettings): Promise<GateReply> {
  const body = trackBody(request.body)
  const reply = withCors(request, await route(request, body, settings), settings.cors)
  const unread = body?.unread() ?? null
  if (reply.status < 400 || unread === null) return reply
  request.refuseBody?.()
  return closeSlowly(reply, unread)
}

async function route(
  request: GateRequest,
  body: TrackedBody | null,
  settings: GateSettings,
): Promise<GateReply> {
  try {
    if (request.method === 'OPTIONS') return answerOptions(request, settings.cors)
    const handler = handlerOf(request.method)
    if (handler === undefined) return refuse(request, 'method_not_allowed', { headers: { allow: ALLOW } })
    const target = parseTarget(request.path)
    if (target === 'invalid_key') return refuse(request, 'invalid_key')
    if (target === 'ambiguous_token') {
      reportRefusal(request, 'invalid_signature', 'ambiguous_token')
      return refuse(request, 'invalid_signature')
    }
    return await handler(request, target, settings, body)
  } catch (error) {
    return answerFault(error, request, settings)
  }
}

type Handler = (
  request: GateRequest,
  target: { readonly key: string; readonly token: string | undefined },
  settings: GateSettings,
  body: Bytes | null,
) => Promise<GateReply>

function handlerOf(method: string): Handler | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return serve
    case 'PUT':
      return receive
    case 'DELETE':
      return remove
    default:
      return undefined
  }
}

/** Known failures are answered here; what nobody foresaw goes to the framework's own error handling. */
function answerFault(error: unknown, request: GateRequest, settings: GateSettings): GateReply {
  if (!(error instanceof LatchkeyError)) throw error
  if (STATUS[error.code] >= 500) reportFault(error, request, settings)
  else reportRefusal(request, error.code, error.message)
  return refuse(request, error.code)
}
