import { resolveCapabilities } from '../../contracts/capabilities.js'
import type { GateReply } from '../../contracts/gate.js'
import {
  type FirstFields,
  type Grant,
  LatchkeyError,
  typeAllowed,
  withRandomSuffix,
} from '../../token/index.js'
import { readContentType } from '../announcement.js'
import type { GateSettings } from '../gate-settings.js'
import { draftUrl, signUrl } from '../sign-url.js'
import { requireStorableMetadata } from '../storable-metadata.js'
import { createUpload, type UploadAnnouncement } from './create-upload.js'
import type { MultipartCall } from './handle.js'
import { reply } from './reply-format.js'
import { sealSession, type UploadLimitFields } from './session.js'
import { limitsOfGrant } from './upload-limits.js'

/**
 * `POST ?uploads`: begins an upload in parts. With `addRandomSuffix` it goes to another key than the request's, which
 * the request's token may not be for: the answer then has a URL for that key and this upload, valid just as long.
 */
export async function begin(call: MultipartCall): Promise<GateReply> {
  const { request } = call
  const contentType = request.header('content-type')
  const { key, uploadId, url } = await beginForToken(call, { contentType, inParts: true })
  return reply(request, 200, { key, uploadId, ...(url !== undefined && { url }) }, [
    'InitiateMultipartUploadResult',
    [
      ['Bucket', 'latchkey'],
      ['Key', key],
      ['UploadId', uploadId],
    ],
  ])
}

/** An upload that was begun with a token. */
export interface BegunForToken extends BegunUpload {
  readonly key: string
  /** Absent where the token that began it is for the key, too. */
  readonly url?: string
}

/** Begins an upload within the limits of the request's token, perhaps under another key. */
export async function beginForToken(
  { key, grant, settings }: Pick<MultipartCall, 'grant' | 'key' | 'settings'>,
  announcement: UploadAnnouncement,
): Promise<BegunForToken> {
  const finalKey = grant.addRandomSuffix ? withRandomSuffix(key) : key
  const limits = limitsFor(grant, settings)
  // With the key of the token that begins it: what is revoked with that key is all that came of it.
  const signing = { ...settings, keys: { ...settings.keys, activeId: grant.kid } }
  const signWith = (sign: typeof signUrl, id: string) =>
    sign(finalKey, pinnedFields(grant, limits, id), signing, limits.laterIds)
  if (finalKey !== key) await requireSignable(() => signWith(draftUrl, ANY_ID))
  const begun = await beginUpload(finalKey, announcement, limits, signing)
  if (finalKey === key) return { key, ...begun }
  return { key: finalKey, ...begun, url: (await signWith(signUrl, begun.storageId)).url }
}

/** Nobody else has a key with a suffix that was made just now, so that it is free needs no holding. */
function limitsFor(grant: Grant, { storage }: GateSettings): UploadLimitFields {
  const limits = limitsOfGrant(grant)
  if (!grant.addRandomSuffix || resolveCapabilities(storage.capabilities).conditionalWrites) return limits
  return { ...limits, allowOverwrite: true }
}

/** Of a token for the one upload: it allows no more than the token that began it, wherever it may be used from. */
function pinnedFields(grant: Grant, limits: UploadLimitFields, storageId: string): FirstFields {
  const { allowedAddresses, expiresAt } = grant
  const { laterIds: _others, ...fields } = limits
  return {
    ...fields,
    operations: ['put'],
    expires: expiresAt,
    pin: { uploadId: storageId },
    ...(allowedAddresses !== undefined && { allowedAddresses }),
  }
}

/** Stands in for the storage's id, which is not there before the upload has begun. */
const ANY_ID = 'x'.repeat(200)
const ANY_SIZE = Number.MAX_SAFE_INTEGER

/**
 * Refuses what would not fit before the storage is asked for anything: lists that several blocks narrow may together be longer
 * than one block holds, and beside a long payload there may be no room for the type.
 */
async function requireSignable(sign: () => Promise<unknown>): Promise<void> {
  try {
    await sign()
  } catch (cause) {
    if (!(cause instanceof LatchkeyError && cause.code === 'invalid_option')) throw cause
    throw new LatchkeyError('bad_request', 'the limits of the token do not fit into another', { cause })
  }
}

/** An upload that was begun. */
export interface BegunUpload {
  readonly uploadId: string
  /** The id that the storage knows it by, and that tokens are pinned to. */
  readonly storageId: string
  /** Until then parts can be sent and the upload completed. */
  readonly expiresAt: Date
  /** Bytes that each part but the last should have. */
  readonly partSize: number
}

/**
 * Begins an upload that is held to limits.
 *
 * @throws LatchkeyError `type_not_allowed`, `too_large`, `exists`, `bad_request` where the storage cannot
 */
export async function beginUpload(
  key: string,
  announcement: UploadAnnouncement,
  limits: UploadLimitFields,
  settings: GateSettings,
): Promise<BegunUpload> {
  requireStorableMetadata(limits, settings)
  const { contentType, essence } = readContentType(announcement.contentType, key)
  const { allowedTypes, allowOverwrite, cacheControlMaxAge, ifMatch, visibility = 'private' } = limits
  if (allowedTypes !== undefined && !typeAllowed(essence, allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `${essence} is not among the allowed types`)
  }
  const expires = Math.floor(settings.now() / 1000) + settings.multipart.ttl
  const draft = { key, storageId: ANY_ID, contentType, expires, limits: { ...limits, maxSize: ANY_SIZE } }
  await requireSignable(() => sealSession(draft, settings))
  const mayReplace = allowOverwrite === true || ifMatch !== undefined
  if (!mayReplace && (await settings.storage.stat(key)) !== null) {
    throw new LatchkeyError('exists', 'the key is taken and the token may only create')
  }
  const expiresAt = new Date(expires * 1000)
  const stored = {
    contentType,
    visibility,
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    expiresAt,
  }
  const created = await createUpload(key, stored, announcement, limits, settings)
  const { storageId, partSize } = created
  const start = { key, storageId, contentType, expires, limits: { ...limits, ...created.limits } }
  return { uploadId: await sealSession(start, settings), storageId, expiresAt, partSize }
}
