import type { CompleteNativeOptions, NativeResult } from '@latchkey/core'
import { tooLarge } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { copyVersions } from '../copy-versions.js'
import { type NamedVersion, readName } from '../read-name.js'
import { assertFree, unlessCompleted } from '../uploads/complete-upload.js'
import { resultText } from '../uploads/record-text.js'
import type { UploadSession } from '../uploads/session.js'
import { type DirectRecord, parseDirect } from './record.js'
import { ShownBytes } from './shown-bytes.js'
import { stagedVersion } from './staged.js'

/** Looks at what has come, shows it, and makes just that version the object. */
export async function publishStaged(
  bucket: Bucket,
  session: UploadSession,
  name: string,
  options: CompleteNativeOptions,
): Promise<NativeResult> {
  const result = await unlessCompleted(session, () => publish(bucket, session, name, options))
  return { inParts: false, ...result }
}

async function publish(
  bucket: Bucket,
  session: UploadSession,
  name: string,
  options: CompleteNativeOptions,
): Promise<NativeResult> {
  const opened = await openRecord(session)
  const { contentType, visibility, cacheControlMaxAge, direct } = opened
  if (!(direct.size <= options.maxTotal)) throw tooLarge()
  await assertFree(bucket, session, name, options)
  const staged = await stagedVersion(bucket, session.dataName(direct.nonce), opened)
  const shown = new ShownBytes()
  await show(bucket, staged, options, shown)
  await session.openState()
  const result = await copyVersions(bucket, [staged], {
    name,
    metadata: { contentType, visibility, ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }) },
    precondition: options.precondition,
    version: session.id,
    foreignSources: true,
    // The parts of what came in parts can no longer be replaced.
    ...(shown.isSome && direct.parts === undefined && { check: (body) => shown.requiredOf(body) }),
  })
  const native = { ...result, inParts: direct.parts !== undefined }
  await session.writeResult(resultText(native))
  await session.clear()
  return native
}

/** What is written down of an upload that still takes bytes. Fails as `upload_not_found`. */
export async function openRecord(session: UploadSession): Promise<DirectRecord> {
  await session.openState()
  return parseDirect(await session.readRecord())
}

async function show(
  bucket: Bucket,
  staged: Required<NamedVersion>,
  { shownBytes, onBytes, onEnd }: CompleteNativeOptions,
  shown: ShownBytes,
): Promise<void> {
  const bytes = Math.min(staged.size, shownBytes)
  if (onBytes !== undefined && bytes > 0) {
    for await (const chunk of await readName(bucket, staged, { first: 0, last: bytes - 1 })) {
      shown.add(chunk)
      await onBytes(chunk)
    }
  }
  await onEnd?.()
}
