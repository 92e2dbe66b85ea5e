import type { GateReply } from '../../contracts/gate.js'
import type { NativeUploads } from '../../contracts/native-uploads.js'
import { type Grant, LatchkeyError } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { jsonReply } from '../json-reply.js'
import type { DirectSessionCall } from './handle.js'

/** Seconds. Whoever is slower asks again. */
const LONGEST_LIFE = 3600

/** `POST ?uploadId&partNumber`: where to send a part; one piece is part 1. */
export async function signPart(call: DirectSessionCall, partNumber: number): Promise<GateReply> {
  const { direct, grant, key, maxTotal, session, settings } = call
  // The storage takes what the upload was begun with. A later token may have been narrowed to less.
  const { maxSize: size } = session.grant
  if (size !== undefined && size > maxTotal) {
    throw new LatchkeyError('too_large', `${size} bytes were announced, ${maxTotal} are allowed`)
  }
  const ends = new Date(session.grant.expiresAt * 1000)
  const { storageId } = session
  return jsonReply(await signed({ direct, grant, settings, key, storageId, ends, partNumber }))
}

interface Asked {
  readonly direct: NativeUploads
  readonly grant: Grant
  readonly settings: GateSettings
  readonly key: string
  readonly storageId: string
  /** Of the upload. */
  readonly ends: Date
  readonly partNumber: number
}

/** A request of the storage's own, as the client is told of it. It ends no later than the token and the upload. */
export async function signed(asked: Asked): Promise<Readonly<Record<string, unknown>>> {
  const { direct, ends, grant, key, partNumber, settings, storageId } = asked
  const now = settings.now()
  const left = Math.floor(Math.min(grant.expiresAt * 1000 - now, ends.getTime() - now) / 1000)
  const expiresIn = Math.max(1, Math.min(LONGEST_LIFE, left))
  const { method, url, headers, size } = await direct.sign(key, storageId, { partNumber, expiresIn })
  return { method, url, headers, size, expires_at: new Date(now + expiresIn * 1000).toISOString() }
}
