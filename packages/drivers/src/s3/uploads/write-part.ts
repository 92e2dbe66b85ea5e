import { randomBytes } from 'node:crypto'
import type { Bytes, UploadedPart, WritePartOptions } from '@latchkey/core'
import { totalOf } from '../../part-list.js'
import type { Turns } from '../../turns.js'
import { tooLarge, uploadNotFound } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { writeBytes } from '../write-object.js'
import type { SessionPart, UploadSession } from './session.js'

/** Stores the bytes of a part, then lists it, if it fits. */
export async function writePart(
  bucket: Bucket,
  session: UploadSession,
  partNumber: number,
  body: Bytes,
  { maxTotal, size, signal }: WritePartOptions,
  turns: Turns,
): Promise<UploadedPart> {
  if (!((size ?? 0) <= maxTotal)) throw tooLarge()
  await session.openState()
  const nonce = randomBytes(16).toString('base64url')
  try {
    const { stat } = await writeBytes(bucket, body, {
      name: session.dataName(nonce),
      metadata: { visibility: 'private' },
      size,
      signal,
      maxBytes: maxTotal,
    })
    return await turns.run(session.id, () => publish(session, partNumber, nonce, stat.size, maxTotal))
  } catch (error) {
    await session.removeData(nonce).catch(() => {})
    throw error
  }
}

/**
 * Lists a part. The limit is looked at before, and again after: of parts that other processes list in the same moment
 * each sees the other, so that all together never stay over the limit. Both may be refused then.
 */
async function publish(
  session: UploadSession,
  partNumber: number,
  nonce: string,
  size: number,
  maxTotal: number,
): Promise<UploadedPart> {
  const before = await session.openState()
  const others = before.parts.filter((other) => other.partNumber !== partNumber)
  if (!(totalOf(others) + size <= maxTotal)) throw tooLarge()
  const etag = `"${nonce}"`
  const replaced = before.parts.find((other) => other.partNumber === partNumber)
  // Another machine's clock may be ahead.
  const age = Math.max(Date.now(), (replaced?.age ?? 0) + 1)
  const part: SessionPart = { partNumber, age, nonce, size, etag }
  await session.addPart(part)
  const after = await session.state()
  const refusal = !after.isOpen ? uploadNotFound() : totalOf(after.parts) <= maxTotal ? null : tooLarge()
  if (refusal !== null) {
    await session.removePart(part)
    throw refusal
  }
  for (const old of after.superseded) {
    if (old.partNumber === partNumber) await session.removePart(old)
  }
  return { partNumber, etag, size }
}
