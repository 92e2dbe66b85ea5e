import type { Bytes } from '../contracts/bytes.js'
import type { GateReply, GateRequest } from '../contracts/gate.js'
import { asksToConfirm, LatchkeyError } from '../token/index.js'
import { isToBeConfirmed } from './confirmable.js'
import { ALLOW, ALLOW_POST, addCors, answerOptions } from './cors.js'
import { handleDirect } from './direct/handle.js'
import type { GateSettings } from './gate-settings.js'
import { closeSlowly } from './lingering-close.js'
import { handleMinting } from './minting/handle.js'
import { findMinting } from './minting/route.js'
import { isAboutParts, multipartAddress } from './multipart/address.js'
import { handleMultipart } from './multipart/handle.js'
import { receive } from './receive.js'
import { refuse } from './refusal.js'
import { remove } from './remove.js'
import { reportFault, reportRefusal, reportUntoldRefusal } from './report.js'
import { serve } from './serve.js'
import { serveConfirmed } from './serve-confirmed.js'
import { STATUS } from './status.js'
import { parseTarget, type Target } from './target.js'
import { type TrackedBody, trackBody } from './tracked-body.js'
import { reportServed } from './watch/report-served.js'
import { watch } from './watch/request-watch.js'
import { serverTiming } from './watch/server-timing.js'
import { timedSettings } from './watch/timed-settings.js'

/** Decides a request: the one door through which every adapter goes. */
export async function decide(request: GateRequest, settings: GateSettings): Promise<GateReply> {
  const body = trackBody(request.body)
  const watched = watch(request)
  const decided = await route(request, body, timedSettings(settings, watched.stopwatch))
  if (decided.status >= 400) reportUntoldRefusal(request)
  // Every reply was made for this request, headers and all; a copy would cost more than the HMAC.
  const headers: Record<string, string> = decided.headers
  const timing = serverTiming(watched, settings)
  if (timing !== undefined) headers['server-timing'] = timing
  addCors(request, headers, settings.cors)
  const reply = reportServed(request, decided)
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
    const minting = findMinting(request, settings)
    const takesPost = () =>
      minting !== undefined ||
      settings.direct !== undefined ||
      isAboutUpload(request.path, settings) ||
      isToBeConfirmed(request.path)
    if (request.method === 'OPTIONS') return answerOptions(request, settings.cors, takesPost())
    if (request.method === 'POST' && minting !== undefined) {
      return await handleMinting(request, minting, settings, body)
    }
    const handler = handlerOf(request.method)
    if (handler === undefined) {
      const allow = takesPost() ? ALLOW_POST : ALLOW
      return refuse(request, 'method_not_allowed', { headers: { allow } })
    }
    const target = parseTarget(request)
    if (target === 'invalid_key') return refuse(request, 'invalid_key')
    if (target === 'ambiguous_token') {
      reportRefusal(request, 'invalid_signature', 'ambiguous_token')
      return refuse(request, 'invalid_signature')
    }
    const found = multipartAddress(request, target, settings)
    const address = found instanceof Promise ? await found : found
    const { direct } = settings
    if (direct !== undefined && (address !== undefined || takesAnnouncement(request, target))) {
      return await handleDirect({ request, target, settings, direct, body }, address ?? { type: 'begin' })
    }
    if (address !== undefined) return await handleMultipart(request, target, address, settings, body)
    return await handler(request, target, settings, body)
  } catch (error) {
    return answerFault(error, request, settings)
  }
}

/** Whether a path names an upload in parts, which can be begun and completed with POST. */
function isAboutUpload(path: string, { storage }: GateSettings): boolean {
  const queryStart = path.indexOf('?')
  return storage.multipart !== undefined && queryStart !== -1 && isAboutParts(path.slice(queryStart + 1))
}

type Handler = (
  request: GateRequest,
  target: Target,
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
    case 'POST':
      return confirm
    default:
      return undefined
  }
}

/** Whether a request without parameters is about an upload, where the storage itself takes the bytes. */
function takesAnnouncement({ method }: GateRequest, { token }: Target): boolean {
  return method === 'PUT' || (method === 'POST' && !(token !== undefined && asksToConfirm(token)))
}

/** A POST that is neither about an upload in parts nor to a minting route. */
const confirm: Handler = async (request, target, settings, body) => {
  if (target.token !== undefined && asksToConfirm(target.token)) {
    return serveConfirmed(request, target, settings, body)
  }
  return refuse(request, 'method_not_allowed', { headers: { allow: ALLOW } })
}

/** Known failures are answered here; what nobody foresaw goes to the framework's own error handling. */
function answerFault(error: unknown, request: GateRequest, settings: GateSettings): GateReply {
  if (!(error instanceof LatchkeyError)) throw error
  // An internal error only carries what the app's own hook threw.
  const fault = error.code === 'internal_error' ? error.cause : error
  if (STATUS[error.code] >= 500) reportFault(fault, request, settings)
  reportRefusal(request, error.code, error.message)
  return refuse(request, error.code)
}
