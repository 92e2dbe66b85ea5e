import type { CreateMultipartOptions } from '../../contracts/multipart-storage.js'
import { LatchkeyError } from '../../token/index.js'
import { createDirect } from '../direct/create.js'
import type { GateSettings } from '../gate-settings.js'
import type { UploadLimitFields } from './session.js'

/** What is known of an upload when it begins. */
export interface UploadAnnouncement {
  readonly contentType?: string | undefined
  /** Bytes of the whole. */
  readonly size?: number | undefined
  readonly inParts: boolean
}

/** An upload that the storage has begun. */
export interface CreatedUpload {
  readonly storageId: string
  /** Bytes that each part but the last should have. */
  readonly partSize: number
  /** What the upload is held to besides the limits of its grant. */
  readonly limits: Pick<UploadLimitFields, 'maxSize'>
}

/**
 * Has the storage begin an upload, by whichever way it gets the bytes.
 *
 * @throws LatchkeyError `bad_request`, `too_large`
 */
export async function createUpload(
  key: string,
  stored: CreateMultipartOptions,
  announcement: UploadAnnouncement,
  limits: UploadLimitFields,
  settings: GateSettings,
): Promise<CreatedUpload> {
  const { direct, multipart, storage } = settings
  if (direct !== undefined) return createDirect(key, stored, announcement, limits, { ...settings, direct })
  if (storage.multipart === undefined) {
    throw new LatchkeyError('bad_request', 'this storage takes no uploads in parts')
  }
  const storageId = await storage.multipart.create(key, stored)
  return { storageId, partSize: multipart.partSize, limits: {} }
}
