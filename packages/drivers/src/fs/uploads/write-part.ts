import fs from 'node:fs'
import { join } from 'node:path'
import type { Bytes, UploadedPart, WritePartOptions } from '@latchkey/core'
import { assertPartNumber, totalOf } from '../../part-list.js'
import { tooLarge, uploadNotFound } from '../../upload-errors.js'
import { run } from '../call.js'
import { storageError } from '../storage-errors.js'
import type { WriteStore } from '../store.js'
import { syncPath } from '../sync-path.js'
import { type TempFile, withTempFile } from '../temp-file.js'
import { newPartFile, readParts, uploadedPart } from './part-file.js'
import { completedResult, settle } from './record.js'
import { holdSession, openSession } from './session.js'

/** Stores a part, all or nothing. */
export async function writePart(
  store: WriteStore,
  key: string,
  uploadId: string,
  partNumber: number,
  body: Bytes,
  options: WritePartOptions,
): Promise<UploadedPart> {
  assertPartNumber(partNumber)
  const { maxTotal, ...limits } = options
  if (!((limits.size ?? 0) <= maxTotal)) throw tooLarge()
  await assertTakesParts(store, key, uploadId)
  return withTempFile(store, body, { ...limits, maxBytes: maxTotal }, async (temp) => {
    try {
      await temp.closed
      return await holdSession(store, uploadId, () =>
        publishPart(store, key, uploadId, partNumber, temp, maxTotal),
      )
    } catch (error) {
      throw storageError(error)
    }
  })
}

/** Looks before the first byte is taken; what counts is the look under the lock. */
async function assertTakesParts(store: WriteStore, key: string, uploadId: string): Promise<void> {
  try {
    const { folder } = await openSession(store, key, uploadId)
    if ((await completedResult(folder)) !== null) throw uploadNotFound()
  } catch (error) {
    throw storageError(error)
  }
}

async function publishPart(
  store: WriteStore,
  key: string,
  uploadId: string,
  partNumber: number,
  temp: TempFile,
  maxTotal: number,
): Promise<UploadedPart> {
  temp.assertNotAborted()
  const session = await openSession(store, key, uploadId)
  if ((await settle(store, session)) !== null) throw uploadNotFound()
  const { parts, replaced } = await readParts(session.folder)
  const before = parts.find((part) => part.partNumber === partNumber)
  const part = newPartFile(partNumber, Number(temp.file.size), before)
  if (!(totalOf(parts) - (before?.size ?? 0) + part.size <= maxTotal)) throw tooLarge()
  await run((done) => fs.rename(temp.path, join(session.folder, part.name), done))
  temp.moved = true
  if (store.settings.fsync) await syncPath(session.folder)
  for (const old of before === undefined ? replaced : [...replaced, before]) {
    // What cannot be removed is told from the part by its turn, and goes with the upload.
    await run((done) => fs.unlink(join(session.folder, old.name), done)).catch(() => {})
  }
  return uploadedPart(part)
}
