import { type Grant, type GrantFields, LatchkeyError, mint, verify } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { uploadsAudience } from './audience.js'

/**
 * An upload in parts that was begun. Its id on the wire is a token of the server's own, made for the key when the
 * upload began: it carries the limits of the grant that it began with, so that no other grant for the same key can
 * lend it more, and the storage's own id. Its audience is not the mount's, so it opens nothing by itself.
 */
export interface Session {
  readonly grant: Grant
  /** The id that the storage knows the upload by. */
  readonly storageId: string
  readonly contentType: string
}

/** What a session begins with. */
export interface SessionStart {
  readonly key: string
  readonly storageId: string
  readonly contentType: string
  /** Unix seconds. */
  readonly expires: number
  /** What the upload is held to. */
  readonly limits: UploadLimitFields
}

/** The fields of a grant that limit an upload, whatever its times and operations. */
export type UploadLimitFields = Pick<
  GrantFields,
  | 'allowedTypes'
  | 'allowOverwrite'
  | 'cacheControlMaxAge'
  | 'ifMatch'
  | 'maxSize'
  | 'payload'
  | 'subject'
  | 'visibility'
>

/** The id of a new session, as clients get it. */
export async function sealSession(start: SessionStart, settings: GateSettings): Promise<string> {
  const fields: GrantFields = {
    ...start.limits,
    operations: ['put'],
    expires: start.expires,
    pin: { uploadId: start.storageId },
    responseHeaders: { 'content-type': start.contentType },
  }
  return mint({
    keys: settings.keys,
    audience: uploadsAudience(settings.audience),
    scope: { key: start.key },
    fields,
  })
}

/**
 * The session that an id stands for.
 *
 * @throws LatchkeyError `upload_not_found` for an id that is forged, of another key, or over
 */
export async function openSession(uploadId: string, key: string, settings: GateSettings): Promise<Session> {
  const verification = await verify({
    keys: settings.keys,
    audience: uploadsAudience(settings.audience),
    token: uploadId,
    key,
    operation: 'put',
    now: settings.now(),
    enforces: ['pin'],
  })
  if (!verification.ok) throw new LatchkeyError('upload_not_found', `uploadId: ${verification.reason}`)
  const { grant } = verification
  const contentType = grant.responseHeaders?.['content-type']
  if (grant.pin === undefined || contentType === undefined) {
    throw new LatchkeyError('upload_not_found', 'uploadId: not one that begins an upload')
  }
  return { grant, storageId: grant.pin.uploadId, contentType }
}
