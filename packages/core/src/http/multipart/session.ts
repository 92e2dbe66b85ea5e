import {
  type Grant,
  type GrantFields,
  LatchkeyError,
  mint,
  type VerifyOptions,
  verify,
  withLaterIds,
} from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { revocationLookup } from '../revocation-lookup.js'
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

/**
 * The fields of a grant that limit an upload, whatever its times and operations. What makes the grant revocable is among
 * them: what it began is revoked with it.
 */
export type UploadLimitFields = {
  /** The ids behind the first one's `id`, of what the grant was narrowed to. */
  readonly laterIds?: readonly string[]
} & Pick<
  GrantFields,
  | 'allowedTypes'
  | 'allowOverwrite'
  | 'cacheControlMaxAge'
  | 'id'
  | 'ifMatch'
  | 'issuedAt'
  | 'maxSize'
  | 'payload'
  | 'subject'
  | 'visibility'
>

/** The id of a new session, as clients get it. */
export async function sealSession(start: SessionStart, settings: GateSettings): Promise<string> {
  const { laterIds, ...limits } = start.limits
  const fields: GrantFields = {
    ...limits,
    operations: ['put'],
    expires: start.expires,
    pin: { uploadId: start.storageId },
    responseHeaders: { 'content-type': start.contentType },
  }
  const audience = uploadsAudience(settings.audience)
  const token = mint({ keys: settings.keys, audience, scope: { key: start.key }, fields })
  return withLaterIds(await token, laterIds)
}

/**
 * The session that an id stands for.
 *
 * @throws LatchkeyError `upload_not_found` for an id that is forged, of another key, or over; `revoked` where the token
 *   that it began with was; `ledger_unavailable`
 */
export function openSession(uploadId: string, key: string, settings: GateSettings): Promise<Session> {
  return readSession(uploadId, key, settings, revocationLookup(key, settings))
}

/** The same where somebody else tells what is revoked. */
export async function readSession(
  uploadId: string,
  key: string,
  settings: GateSettings,
  isRevoked: NonNullable<VerifyOptions['isRevoked']>,
): Promise<Session> {
  const verification = await verify({
    keys: settings.keys,
    audience: uploadsAudience(settings.audience),
    token: uploadId,
    key,
    operation: 'put',
    now: settings.now(),
    enforces: ['pin'],
    isRevoked,
  })
  if (!verification.ok && verification.code === 'revoked') {
    throw new LatchkeyError('revoked', 'the token that began the upload was revoked')
  }
  if (!verification.ok) throw new LatchkeyError('upload_not_found', `uploadId: ${verification.reason}`)
  const { grant } = verification
  const contentType = grant.responseHeaders?.['content-type']
  if (grant.pin === undefined || contentType === undefined) {
    throw new LatchkeyError('upload_not_found', 'uploadId: not one that begins an upload')
  }
  return { grant, storageId: grant.pin.uploadId, contentType }
}
