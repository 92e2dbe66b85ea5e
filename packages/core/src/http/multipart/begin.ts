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
import type { MultipartCall } from './handle.js'
import { reply } from './reply-format.js'
import { sealSession, type UploadLimitFields } from './session.js'
import { limitsOfGrant } from './upload-limits.js'

/**
 * `POST ?uploads`: begins an upload in parts. With `addRandomSuffix` it goes to another key than the request's, which
 * the request's token may not be for: the answer then has a URL for that key and this upload, valid just as long.
 */
export async function begin({ request, key, grant, settings }: MultipartCall): Promise<GateReply> {
  const finalKey = grant.addRandomSuffix ? withRandomSuffix(key) : key
  const limits = limitsOfGrant(grant)
  // With the key of the token that begins it: what is revoked with that key is all that came of it.
  const signing = { ...settings, keys: { ...settings.keys, activeId: grant.kid } }
  const signWith = (sign: typeof signUrl, id: string) =>
    sign(finalKey, pinnedFields(grant, limits, id), signing, limits.laterIds)
  if (finalKey !== key) await requireSignable(() => signWith(draftUrl, ANY_ID))
  const { uploadId, storageId } = await beginUpload(finalKey, request.header('content-type'), limits, signing)
  const elsewhere = finalKey === key ? {} : { url: (await signWith(signUrl, storageId)).url }
  return reply(request, 200, { key: finalKey, uploadId, ...elsewhere }, [
    'InitiateMultipartUploadResult',
    [
      ['Bucket', 'latchkey'],
      ['Key', finalKey],
      ['UploadId', uploadId],
    ],
  ])
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

/** Lists that several blocks narrow may together be longer than one block holds. */
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
}

/**
 * Begins an upload that is held to limits.
 *
 * @throws LatchkeyError `type_not_allowed`, `exists`, `bad_request` where the storage takes no uploads in parts
 */
export async function beginUpload(
  key: string,
  announcedType: string | undefined,
  limits: UploadLimitFields,
  settings: GateSettings,
): Promise<BegunUpload> {
  const storage = settings.storage.multipart
  if (storage === undefined) throw new LatchkeyError('bad_request', 'this storage takes no uploads in parts')
  requireStorableMetadata(limits, settings)
  const { contentType, essence } = readContentType(announcedType, key)
  const { allowedTypes, allowOverwrite, cacheControlMaxAge, ifMatch, visibility = 'private' } = limits
  if (allowedTypes !== undefined && !typeAllowed(essence, allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `${essence} is not among the allowed types`)
  }
  const mayReplace = allowOverwrite === true || ifMatch !== undefined
  if (!mayReplace && (await settings.storage.stat(key)) !== null) {
    throw new LatchkeyError('exists', 'the key is taken and the token may only create')
  }
  const expires = Math.floor(settings.now() / 1000) + settings.multipart.ttl
  const expiresAt = new Date(expires * 1000)
  const storageId = await storage.create(key, {
    contentType,
    visibility,
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    expiresAt,
  })
  const uploadId = await sealSession({ key, storageId, contentType, expires, limits }, settings)
  return { uploadId, storageId, expiresAt }
}
