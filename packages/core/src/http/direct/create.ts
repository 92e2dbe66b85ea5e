import type { CreateMultipartOptions } from '../../contracts/multipart-storage.js'
import type { NativeUploads } from '../../contracts/native-uploads.js'
import { LatchkeyError } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { badRequest } from '../minting/bad-request.js'
import type { CreatedUpload, UploadAnnouncement } from '../multipart/create-upload.js'
import type { UploadLimitFields } from '../multipart/session.js'
import { partSizeFor } from './part-size.js'

/** What a client is told that did not say how much will come. */
const SIZE_NEEDED = 'Announce the size in bytes: the storage takes just so many.'

/**
 * Begins an upload to the storage itself. The limits are held here, against the size that will be signed: the storage knows
 * nothing of them.
 */
export async function createDirect(
  key: string,
  stored: CreateMultipartOptions,
  { size, inParts }: UploadAnnouncement,
  limits: UploadLimitFields,
  settings: GateSettings & { readonly direct: NativeUploads },
): Promise<CreatedUpload> {
  const { direct, maxUploadSize, onUploadCompleted } = settings
  if (size === undefined) throw badRequest(SIZE_NEEDED)
  if (size === 0 && inParts) throw badRequest('An empty file has no parts: announce it without multipart.')
  const most = Math.min(limits.maxSize ?? maxUploadSize, maxUploadSize)
  if (size > most) throw new LatchkeyError('too_large', `${size} bytes were announced, ${most} are allowed`)
  const { putSize, totalSize } = direct.limits
  if (!inParts && size > putSize)
    throw badRequest(`More than ${putSize} bytes go in parts: announce multipart.`)
  if (size > totalSize) throw new LatchkeyError('too_large', `the storage takes ${totalSize} bytes at most`)
  const partSize = partSizeFor(size, settings)
  // Where the app may refuse an upload, it is held to what it replaces.
  const conditional = limits.allowOverwrite !== true || onUploadCompleted !== undefined
  const expected = { ...stored, size, conditional, ...(inParts && { partSize }) }
  const storageId = await direct.begin(key, expected)
  return { storageId, partSize, limits: { maxSize: size } }
}
