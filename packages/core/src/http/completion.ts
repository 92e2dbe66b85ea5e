import type { CompletedUpload } from '../contracts/completed-upload.js'
import type { Precondition, StorageDriver, StoredObject, WriteResult } from '../contracts/storage-driver.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { typeFromKey } from './content-type.js'
import type { GateSettings } from './gate-settings.js'
import type { Findings } from './inspection.js'
import { canTakeBack, isSameVersion, type ReplacedVersion, sameVersion } from './replaced-version.js'

/** An upload that was stored, and what it replaced. */
export interface StoredUpload {
  readonly key: string
  readonly result: WriteResult
  readonly contentType: string
  readonly grant: Grant
  readonly findings: Findings
  /** The version that was there just before. */
  readonly replaced: ReplacedVersion
}

/**
 * Tells the app of an upload and waits for it. Where the app throws, the upload is taken back: a new object is
 * removed, a replaced one is put back. Both only while the key still holds this upload: where the storage cannot tell,
 * the upload stays.
 */
export async function completeUpload(stored: StoredUpload, settings: GateSettings): Promise<void> {
  const upload = completedUpload(stored)
  if (upload === undefined) return
  try {
    await settings.onUploadCompleted?.(upload)
  } catch (cause) {
    const precondition = await heldTo(stored, settings.storage)
    if (precondition === 'none') {
      throw failed(
        'onUploadCompleted threw; the upload stays, as this storage cannot remove just this one',
        cause,
      )
    }
    await takeBack(upload, stored, settings.storage, precondition).catch((error: unknown) => {
      const causes = new AggregateError([cause, error])
      throw failed('onUploadCompleted threw, and the upload could not be taken back', causes)
    })
    throw failed('onUploadCompleted threw; the upload was taken back', cause)
  }
  settings.webhook?.deliver(upload)
}

function failed(message: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('completion_failed', message, { cause })
}

/** `undefined` where nobody asked for it, and so nothing was measured. */
function completedUpload({
  key,
  result,
  contentType,
  grant,
  findings,
}: StoredUpload): CompletedUpload | undefined {
  const { digest, sniffedType } = findings
  if (digest === undefined) return undefined
  const { size, etag } = result.stat
  return {
    key,
    size,
    etag,
    digest,
    contentType,
    ...(sniffedType !== undefined && { sniffedType }),
    visibility: grant.visibility,
    ...(grant.payload !== undefined && { payload: grant.payload }),
    ...(grant.subject !== undefined && { subject: grant.subject }),
    created: result.created,
  }
}

/** What taking back is held to, so that it removes this upload alone; `none` where nothing can. */
async function heldTo(
  { key, result, grant }: StoredUpload,
  storage: StorageDriver,
): Promise<Precondition | undefined | 'none'> {
  if (canTakeBack(storage.capabilities)) {
    if (result.stat.version === undefined) return sameVersion(result.stat)
    // Made public or private since, it may have another ETag.
    const now = await storage.stat(key).catch(() => null)
    return sameVersion(now !== null && isSameVersion(now, result.stat) ? now : result.stat)
  }
  // A key with a suffix made for this upload is nobody else's.
  return grant.addRandomSuffix ? undefined : 'none'
}

async function takeBack(
  upload: CompletedUpload,
  { grant, replaced, result }: StoredUpload,
  storage: StorageDriver,
  precondition: Precondition | undefined,
): Promise<void> {
  const { key } = upload
  const { object } = replaced
  const held = precondition === undefined ? {} : { precondition }
  try {
    if (upload.created || object === null) await storage.delete(key, precondition)
    else {
      // Who made the upload public or private meant the key, not knowing that the upload would not stay.
      const now = await storage.stat(key)
      const wasFlipped =
        now !== null && isSameVersion(now, result.stat) && (now.visibility ?? 'private') !== grant.visibility
      const visibility = wasFlipped ? (now.visibility ?? 'private') : replaced.visibility()
      await storage.write(key, bytesOf(object), { ...metadata(key, object), visibility, ...held })
    }
  } catch (error) {
    // Somebody has replaced or removed the upload meanwhile, so there is nothing of it left to take back.
    if (error instanceof LatchkeyError && error.code === 'precondition_failed') return
    throw error
  }
}

async function* bytesOf(object: StoredObject): AsyncGenerator<Uint8Array> {
  const bytes = await object.read()
  if (bytes instanceof Uint8Array) yield bytes
  else yield* bytes
}

function metadata(key: string, { stat }: StoredObject) {
  return {
    contentType: stat.contentType ?? typeFromKey(key),
    ...(stat.cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge: stat.cacheControlMaxAge }),
  }
}
