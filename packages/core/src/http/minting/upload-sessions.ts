import type { FirstFields } from '../../token/index.js'
import { partSizeFor } from '../direct/part-size.js'
import type { GateSettings } from '../gate-settings.js'
import { beginUpload as beginInStorage } from '../multipart/begin.js'
import { openSession } from '../multipart/session.js'
import { limitsOfFields } from '../multipart/upload-limits.js'
import { badRequest } from './bad-request.js'

/** An upload in parts that has begun, as the client is told of it. */
export interface OpenUpload {
  /** As it goes onto the wire. */
  readonly uploadId: string
  /** What the URL's token says: the fields that were given, pinned to this upload. */
  readonly fields: FirstFields
  /** Bytes that each part but the last should have. */
  readonly partSize: number
  /** Until then parts are taken and the upload can be completed. */
  readonly expiresAt: Date
}

/** An upload to begin. */
export interface UploadStart {
  readonly key: string
  /** As announced; absent: from the key's extension. */
  readonly contentType: string | undefined
  /** Bytes, as announced. */
  readonly size: number | undefined
  /** What the session, and the token of its URL, may at most allow. */
  readonly fields: FirstFields
}

/** An upload to go on with. */
export interface UploadResumption {
  readonly key: string
  /** As it came from the client; believed in nothing. */
  readonly uploadId: string
  /** 1 to 10 000: the token is for that part alone. Absent: for the whole upload. */
  readonly partNumber: number | undefined
  readonly fields: FirstFields
}

/** What a client is told where the storage takes no uploads in parts. */
export const NO_PARTS = 'This storage takes no uploads in parts.'

/** Whether the storage takes uploads in parts. */
export function takesParts({ direct, storage }: GateSettings): boolean {
  return direct !== undefined || storage.multipart !== undefined
}

/**
 * Begins an upload in parts.
 *
 * @throws LatchkeyError `bad_request` where the storage takes none; `exists`, `type_not_allowed`
 */
export async function beginUpload(start: UploadStart, settings: GateSettings): Promise<OpenUpload> {
  requireParts(settings)
  const { key, contentType, size, fields } = start
  const begun = await beginInStorage(
    key,
    { contentType, size, inParts: true },
    limitsOfFields(fields),
    settings,
  )
  return {
    uploadId: begun.uploadId,
    fields: { ...fields, pin: { uploadId: begun.storageId } },
    partSize: begun.partSize,
    expiresAt: begun.expiresAt,
  }
}

/**
 * Looks up an upload that was begun, to mint another URL for it.
 *
 * @throws LatchkeyError `upload_not_found`; `bad_request` where the storage takes none
 */
export async function refreshUpload(resumed: UploadResumption, settings: GateSettings): Promise<OpenUpload> {
  requireParts(settings)
  const { key, uploadId, partNumber, fields } = resumed
  const { grant, storageId } = await openSession(uploadId, key, settings)
  return {
    uploadId,
    fields: { ...fields, pin: { uploadId: storageId, ...(partNumber !== undefined && { partNumber }) } },
    partSize: partSizeFor(grant.maxSize, settings),
    expiresAt: new Date(grant.expiresAt * 1000),
  }
}

function requireParts(settings: GateSettings): void {
  if (!takesParts(settings)) throw badRequest(NO_PARTS)
}
