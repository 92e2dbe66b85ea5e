import type { Bytes } from '../../contracts/bytes.js'
import type { GateReply, GateRequest } from '../../contracts/gate.js'
import type { NativeUploads } from '../../contracts/native-uploads.js'
import { type Grant, LatchkeyError } from '../../token/index.js'
import { authenticate } from '../access.js'
import { NO_STORE } from '../cache-control.js'
import type { GateSettings } from '../gate-settings.js'
import { jsonReply } from '../json-reply.js'
import type { MultipartAddress } from '../multipart/address.js'
import { maxTotal, requirePinned, requireTypeAllowed, type UploadCall } from '../multipart/handle.js'
import { openSession } from '../multipart/session.js'
import { refuse } from '../refusal.js'
import { reportRefusal } from '../report.js'
import type { Target } from '../target.js'
import { watchOf } from '../watch/request-watch.js'
import { announce } from './announce.js'
import { complete } from './complete.js'
import { discardRevoked } from './discard-revoked.js'
import { signPart } from './sign-part.js'

/** A request about an upload whose bytes go to the storage itself. */
export interface DirectRequest {
  readonly request: GateRequest
  readonly target: Target
  readonly settings: GateSettings
  readonly direct: NativeUploads
  readonly body: Bytes | null
}

/** The same with its token checked. */
export interface DirectCall extends DirectRequest {
  readonly key: string
  readonly grant: Grant
}

/** A call about an upload that was begun. */
export interface DirectSessionCall extends UploadCall {
  readonly direct: NativeUploads
  readonly target: Target
}

/** What a client gets that sends the bytes here. */
const NO_BYTES_HERE =
  'This server takes no bytes of uploads: POST {"size":…,"contentType":"…"} to this URL, PUT the file to the URL in the ' +
  'answer, and POST to its `complete`. The upload() of @latchkey/client does so.'

const NOT_ALL_THERE =
  'The storage does not have all that was announced, or there is no such part: send what is missing, and try again.'

/** Answers a request about an upload: token first, then the session, then the storage. */
export async function handleDirect(asked: DirectRequest, address: MultipartAddress): Promise<GateReply> {
  try {
    return await answer(asked, address)
  } catch (error) {
    const { request } = asked
    if (!(error instanceof LatchkeyError)) throw error
    if (error.code === 'revoked' && address.type !== 'begin') await discardRevoked(asked, address.uploadId)
    const detail = error.code === 'invalid_part' ? NOT_ALL_THERE : error.message
    if (error.code !== 'bad_request' && error.code !== 'invalid_part') throw error
    reportRefusal(request, error.code, error.message)
    return refuse(request, error.code, { detail })
  }
}

async function answer(asked: DirectRequest, address: MultipartAddress): Promise<GateReply> {
  const { request, target, settings, direct } = asked
  const access = await authenticate(request, target, 'put', settings, ['downloads', 'pin'])
  if ('refusal' in access) {
    const isRevoked = watchOf(request)?.refusedAs === 'revoked'
    if (isRevoked && address.type !== 'begin') await discardRevoked(asked, address.uploadId)
    return access.refusal
  }
  const { grant } = access
  const { key } = target
  const { method } = request
  if (method === 'PUT') return refuseMethod(request, 'POST', NO_BYTES_HERE)
  if (address.type === 'begin') {
    requirePinned(grant, undefined)
    return method === 'POST' ? announce({ ...asked, key, grant }) : refuseMethod(request, 'POST')
  }
  const { uploadId } = address
  const session = await openSession(uploadId, key, settings)
  requirePinned(grant, session.storageId, address.type === 'part' ? address.partNumber : undefined)
  requireTypeAllowed(session, grant)
  const most = maxTotal(session, grant, settings)
  const call = { ...asked, key, grant, session, uploadId, maxTotal: most }
  if (address.type === 'part') {
    return method === 'POST' ? signPart(call, address.partNumber) : refuseMethod(request, 'POST')
  }
  switch (method) {
    case 'GET':
      return jsonReply({ key, uploadId, parts: await direct.listParts(key, session.storageId) })
    case 'POST':
      return complete(call)
    case 'DELETE':
      await direct.abort(key, session.storageId)
      return { status: 204, headers: { 'cache-control': NO_STORE }, body: null }
    default:
      return refuseMethod(request, 'GET, POST, DELETE')
  }
}

function refuseMethod(request: GateRequest, allow: string, detail?: string): GateReply {
  const headers = { allow: `${allow}, OPTIONS` }
  return refuse(request, 'method_not_allowed', { headers, ...(detail !== undefined && { detail }) })
}
