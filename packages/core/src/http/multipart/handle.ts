import type { Bytes } from '../../contracts/bytes.js'
import type { GateReply, GateRequest } from '../../contracts/gate.js'
import type { MultipartStorage } from '../../contracts/multipart-storage.js'
import { type Grant, LatchkeyError, parseMediaType, typeAllowed } from '../../token/index.js'
import { authenticate } from '../access.js'
import type { GateSettings } from '../gate-settings.js'
import { refuse } from '../refusal.js'
import type { Target } from '../target.js'
import { abort } from './abort.js'
import type { MultipartAddress } from './address.js'
import { begin } from './begin.js'
import { complete } from './complete.js'
import { listParts } from './list-parts.js'
import { openSession, type Session } from './session.js'
import { uploadPart } from './upload-part.js'

/** A request about an upload in parts, with everything that it needs checked. */
export interface MultipartCall {
  readonly request: GateRequest
  readonly key: string
  /** Of the request's own token. */
  readonly grant: Grant
  readonly settings: GateSettings
  readonly storage: MultipartStorage
  readonly body: Bytes | null
}

/** A call about an upload that was begun, whoever takes its bytes. */
export interface UploadCall extends Omit<MultipartCall, 'storage'> {
  readonly uploadId: string
  readonly session: Session
  /** Bytes that all parts together may have. */
  readonly maxTotal: number
}

/** One whose parts come here. */
export interface SessionCall extends UploadCall {
  readonly storage: MultipartStorage
}

/** Answers a request about an upload in parts: token first, then the session, then the storage. */
export async function handleMultipart(
  request: GateRequest,
  target: Target,
  address: MultipartAddress,
  settings: GateSettings,
  body: Bytes | null,
): Promise<GateReply> {
  const access = await authenticate(request, target, 'put', settings, ['downloads', 'pin'])
  if ('refusal' in access) return access.refusal
  const storage = settings.storage.multipart
  if (storage === undefined) {
    return refuse(request, 'bad_request', { detail: 'This storage takes no uploads in parts.' })
  }
  const { grant } = access
  const call = { request, key: target.key, grant, settings, storage, body }
  if (address.type === 'begin') {
    requirePinned(grant, undefined)
    return request.method === 'POST' ? begin(call) : refuseMethod(request, 'POST')
  }
  const session = await openSession(address.uploadId, target.key, settings)
  requirePinned(grant, session.storageId, address.type === 'part' ? address.partNumber : undefined)
  requireTypeAllowed(session, grant)
  const sessionCall = {
    ...call,
    session,
    uploadId: address.uploadId,
    maxTotal: maxTotal(session, grant, settings),
  }
  if (address.type === 'part') {
    return request.method === 'PUT'
      ? uploadPart(sessionCall, address.partNumber)
      : refuseMethod(request, 'PUT')
  }
  switch (request.method) {
    case 'GET':
      return listParts(sessionCall)
    case 'POST':
      return complete(sessionCall)
    case 'DELETE':
      return abort(sessionCall)
    default:
      return refuseMethod(request, 'GET, POST, DELETE')
  }
}

/** A pinned token is for one upload, or for one of its parts, and for nothing else. */
export function requirePinned({ pin }: Grant, storageId: string | undefined, partNumber?: number): void {
  if (pin === undefined) return
  const holds = pin.uploadId === storageId && (pin.partNumber === undefined || pin.partNumber === partNumber)
  if (!holds) throw new LatchkeyError('invalid_signature', 'the token is pinned to another upload or part')
}

/** What a session began with, a later token may have narrowed. */
export function requireTypeAllowed({ contentType }: Session, { allowedTypes }: Grant): void {
  if (allowedTypes === undefined) return
  const essence = parseMediaType(contentType)
  if (essence === null || !typeAllowed(essence, allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `${contentType} is not among the allowed types`)
  }
}

/** Bytes that an upload may have in all. */
export function maxTotal({ grant }: Session, { maxSize }: Grant, settings: GateSettings): number {
  return Math.min(
    grant.maxSize ?? settings.maxUploadSize,
    maxSize ?? settings.maxUploadSize,
    settings.maxUploadSize,
  )
}

function refuseMethod(request: GateRequest, allow: string): GateReply {
  return refuse(request, 'method_not_allowed', { headers: { allow: `${allow}, OPTIONS` } })
}
