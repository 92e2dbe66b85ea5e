import type { Bytes } from '../contracts/bytes.js'
import type { GateReply, GateRequest } from '../contracts/gate.js'
import { LatchkeyError, parseMediaType } from '../token/index.js'
import { authenticate } from './access.js'
import { readBodySize, requireUnread } from './announcement.js'
import { isOriginAllowed } from './cors.js'
import { keptAsFile } from './disposition.js'
import type { GateSettings } from './gate-settings.js'
import { readLimitedText } from './limited-text.js'
import { isPrefetch } from './prefetch.js'
import { refuse } from './refusal.js'
import { reportRefusal } from './report.js'
import { serveCounted } from './serve-counted.js'
import { serveObject } from './serve-object.js'
import type { Target } from './target.js'
import { noteAdmission, watchTogether } from './watch/request-watch.js'

const FORM_TYPE = 'application/x-www-form-urlencoded'
const CONFIRMED = 'confirm=1'

/** POST with a token whose downloads must be confirmed: the download itself. */
export async function serveConfirmed(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
  body: Bytes | null,
): Promise<GateReply> {
  const access = await authenticate(request, target, 'get', settings, ['confirm', 'downloads'])
  if ('refusal' in access) return access.refusal
  if (isPrefetch(request)) {
    throw new LatchkeyError('prefetch_refused', 'a prefetch of what must be confirmed first')
  }
  if (isForeign(request, settings)) {
    throw new LatchkeyError('confirmation_required', 'a page of another site confirmed the download')
  }
  const fault = await faultOfBody(request, body)
  if (fault !== undefined) return fault
  const grant = keptAsFile(access.grant)
  const asked = watchTogether(request, asGet(request))
  noteAdmission(request, { key: target.key, access: 'token', grant })
  const serveIt = grant.downloadLimits.length === 0 ? serveObject : serveCounted
  return serveIt(asked, target.key, grant, settings)
}

/** Whoever can post the link can open it, too; but not in the name, and with the address, of somebody else. */
function isForeign(request: GateRequest, { cors }: GateSettings): boolean {
  return request.header('sec-fetch-site') === 'cross-site' && !isOriginAllowed(request, cors)
}

async function faultOfBody(request: GateRequest, body: Bytes | null): Promise<GateReply | undefined> {
  if (parseMediaType(request.header('content-type') ?? '') !== FORM_TYPE) {
    reportRefusal(request, 'unsupported_media_type', 'the body is no form')
    return refuse(request, 'unsupported_media_type', { detail: `Send the body as ${FORM_TYPE}.` })
  }
  if (body !== null) requireUnread(request)
  readBodySize(request)
  const text = await readLimitedText(body, CONFIRMED.length)
  if (text === CONFIRMED) return undefined
  reportRefusal(request, 'bad_request', 'the body does not confirm')
  return refuse(request, 'bad_request', { detail: `The body must be ${CONFIRMED}.` })
}

/** RFC 9110, section 14.2: ranges are for GET; and a form asks for the whole object, whatever its sender has already. */
const OF_READS = /^(?:range|if-.+)$/

function asGet(request: GateRequest): GateRequest {
  return {
    ...request,
    method: 'GET',
    header: (name) => (OF_READS.test(name) ? undefined : request.header(name)),
  }
}
