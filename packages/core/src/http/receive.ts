import type { Bytes } from '../contracts/bytes.js'
import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { Precondition, WriteResult } from '../contracts/storage-driver.js'
import { encodeObjectKey, type Grant, LatchkeyError, typeAllowed, withRandomSuffix } from '../token/index.js'
import { authenticate } from './access.js'
import { type Announcement, readAnnouncement } from './announcement.js'
import { announcedDigests } from './content-digest.js'
import type { GateSettings } from './gate-settings.js'
import { meterBody } from './metered-body.js'
import { sniffBody } from './sniffed-body.js'
import type { Target } from './target.js'
import { writePrecondition } from './write-precondition.js'

/** PUT. All that can be refused by the header is refused before the first byte of the body is read. */
export async function receive(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
  body: Bytes | null,
): Promise<GateReply> {
  const access = await authenticate(request, target, 'put', settings)
  if ('refusal' in access) return access.refusal
  const { grant } = access
  if (request.bodyAlreadyRead) {
    throw new LatchkeyError(
      'body_already_read',
      'A body parser consumed an upload before Latchkey saw it: mount Latchkey before the body parser, or keep the parser off its path.',
    )
  }
  const key = grant.addRandomSuffix ? withRandomSuffix(target.key) : target.key
  const announcement = readAnnouncement(request, key)
  const maxSize = Math.min(grant.maxSize ?? Number.POSITIVE_INFINITY, settings.maxUploadSize)
  requireAllowed(announcement, grant, maxSize)
  const digests = announcedDigests(request)
  const precondition = writePrecondition(request, grant, await settings.storage.stat(key))
  requireCapable(grant, precondition, settings)
  const metered = meterBody(body ?? noBytes(), { maxSize, announced: announcement.size, digests })
  const result = await settings.storage.write(key, sniffed(metered, announcement, grant, settings), {
    contentType: announcement.contentType,
    visibility: grant.visibility,
    ...(grant.cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge: grant.cacheControlMaxAge }),
    ...(precondition === undefined ? {} : { precondition }),
    ...(announcement.size === undefined ? {} : { size: announcement.size }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  return stored(key, result, announcement, grant, settings)
}

function requireAllowed(announcement: Announcement, grant: Grant, maxSize: number): void {
  if (announcement.size !== undefined && announcement.size > maxSize) {
    throw new LatchkeyError('too_large', `${announcement.size} bytes were announced, ${maxSize} are allowed`)
  }
  if (grant.allowedTypes !== undefined && !typeAllowed(announcement.essence, grant.allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `${announcement.essence} is not among the allowed types`)
  }
}

/** The token may come from a process whose storage can do more than this one's. */
function requireCapable(
  grant: Grant,
  precondition: Precondition | undefined,
  { storage }: GateSettings,
): void {
  const { conditionalWrites, metadata } = storage.capabilities
  if (precondition !== undefined && !conditionalWrites) {
    throw new LatchkeyError('precondition_failed', 'this storage cannot hold an upload to a condition')
  }
  if (!metadata && (grant.visibility === 'public' || grant.cacheControlMaxAge !== undefined)) {
    throw new LatchkeyError('invalid_option', 'this storage cannot keep visibility or cacheControlMaxAge')
  }
}

function sniffed(body: Bytes, announcement: Announcement, grant: Grant, settings: GateSettings): Bytes {
  const { sniff } = settings
  const { allowedTypes } = grant
  if (sniff === undefined || allowedTypes === undefined) return body
  return sniffBody(body, { sniff, announced: announcement.essence, allowedTypes })
}

function stored(
  key: string,
  { stat, created }: WriteResult,
  announcement: Announcement,
  grant: Grant,
  settings: GateSettings,
): GateReply {
  const text = JSON.stringify({
    key,
    size: stat.size,
    contentType: announcement.contentType,
    etag: stat.etag,
    visibility: grant.visibility,
  })
  return {
    status: created ? 201 : 200,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      etag: stat.etag,
      location: `${settings.baseUrl}${encodeObjectKey(key)}`,
      'x-content-type-options': 'nosniff',
    },
    body: text,
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
