import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import type { CompleteMultipartOptions, UploadedPart, WriteResult } from '@latchkey/core'
import { selectParts, totalOf } from '../../part-list.js'
import { assertPrecondition } from '../../precondition.js'
import { run } from '../call.js'
import { type CommitOptions, commit } from '../commit.js'
import { statObject } from '../read-object.js'
import { type Place, placeToWrite } from '../resolve.js'
import { nameHash } from '../sidecar.js'
import { storageError } from '../storage-errors.js'
import type { WriteStore } from '../store.js'
import { type TempFile, withTempFile } from '../temp-file.js'
import { assembledBody } from './assembled-body.js'
import { readParts } from './part-file.js'
import { completedResult, removeUnrecorded, settle, takeBack, writeRecord } from './record.js'
import { removeParts } from './remove-upload.js'
import { holdSession, openSession, type UploadSession } from './session.js'

type PartList = readonly Pick<UploadedPart, 'partNumber' | 'etag'>[]

/** Publishes the listed parts as one object, or gives the result of an earlier completion. */
export async function completeUpload(
  store: WriteStore,
  key: string,
  uploadId: string,
  list: PartList,
  options: CompleteMultipartOptions,
): Promise<WriteResult> {
  const session = await openSession(store, key, uploadId).catch(rethrow)
  const result =
    (await earlierResult(store, session).catch(rethrow)) ??
    (await assemble(store, session, list, options).catch(async (error) => {
      // Another process may have completed it, and removed the parts under this one.
      const other = await completedResult(session.folder).catch(() => null)
      if (other !== null) return other
      await openSession(store, key, uploadId).catch(rethrow)
      throw error
    }))
  await removeParts(session.folder)
  return result
}

/** What was completed before, be it by a process that died over it. */
async function earlierResult(store: WriteStore, session: UploadSession): Promise<WriteResult | null> {
  const result = await completedResult(session.folder)
  return result ?? holdSession(store, session.id, () => settle(store, session))
}

async function assemble(
  store: WriteStore,
  session: UploadSession,
  list: PartList,
  options: CompleteMultipartOptions,
): Promise<WriteResult> {
  const { key } = session.manifest
  const { parts } = await readParts(session.folder).catch(rethrow)
  const selected = selectParts(list, parts, options.maxTotal)
  // Asked before the work, and again at the commit.
  if (options.precondition !== undefined) {
    assertPrecondition(options.precondition, await statObject(store, key))
  }
  const body = assembledBody(session.folder, selected, options)
  return withTempFile(store, body, { size: totalOf(selected) }, async (temp) => {
    try {
      await temp.closed
      const place = await placeToWrite(store.root, key)
      return await store.locks.hold(nameHash(place.name), () =>
        holdSession(store, session.id, () => publish(store, session, list, options, place, temp)),
      )
    } catch (error) {
      throw storageError(error)
    }
  })
}

/** Both locks are held. */
async function publish(
  store: WriteStore,
  session: UploadSession,
  list: PartList,
  { precondition, maxTotal }: CompleteMultipartOptions,
  place: Place,
  assembled: TempFile,
): Promise<WriteResult> {
  const { key, ...metadata } = session.manifest
  // Aborted, expired, completed by another process, or given other parts in the meantime.
  await openSession(store, key, session.id)
  const earlier = await settle(store, session)
  if (earlier !== null) return earlier
  selectParts(list, (await readParts(session.folder)).parts, maxTotal)
  await removeUnrecorded(session)

  const file = `object.${randomBytes(12).toString('base64url')}`
  const temp: TempFile = { ...assembled, path: join(session.folder, file), moved: false }
  await run((done) => fs.rename(assembled.path, temp.path, done))
  assembled.moved = true
  const options: CommitOptions = { ...metadata, ...(precondition !== undefined && { precondition }) }
  try {
    const result = await commit(store, key, place, temp, options, {
      announce: (result) => writeRecord(store, session, { file, result }),
    })
    if (!temp.moved) await run((done) => fs.unlink(temp.path, done)).catch(() => {})
    return result
  } catch (error) {
    await takeBack(session, file).catch(() => {})
    throw error
  }
}

function rethrow(error: unknown): never {
  throw storageError(error)
}
