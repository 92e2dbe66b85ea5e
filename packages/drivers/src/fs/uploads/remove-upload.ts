import fs from 'node:fs'
import { join } from 'node:path'
import { isNotFound } from '../../upload-errors.js'
import { errnoOf, run } from '../call.js'
import type { WriteStore } from '../store.js'
import { entriesOf } from '../sweep-sidecars.js'
import { RECORD } from './record.js'
import { folderOf, holdSession, MANIFEST, openSession } from './session.js'

/** Marks the folder of an upload that is over: whoever meets it may remove it. */
export const GONE = '.gone'

/** Removes an upload of this key and its parts; does nothing where there is none. */
export async function abortUpload(store: WriteStore, key: string, uploadId: string): Promise<void> {
  try {
    await openSession(store, key, uploadId)
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  await removeUpload(store, uploadId)
}

/** Ends an upload in one step, so that nothing is added to it any more, and then removes what it had. */
export async function removeUpload(store: WriteStore, uploadId: string): Promise<void> {
  const folder = folderOf(store, uploadId)
  try {
    await holdSession(store, uploadId, () => run((done) => fs.rename(folder, folder + GONE, done)))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  await removeFolder(folder + GONE)
}

/** Removes the parts of a completed upload. What cannot be removed goes when it expires. */
export async function removeParts(folder: string): Promise<void> {
  for (const name of await entriesOf(folder).catch(() => [])) {
    if (name === MANIFEST || name === RECORD) continue
    await run((done) => fs.unlink(join(folder, name), done)).catch(() => {})
  }
}

/** Removes the folder of an upload that is over. Others may do so at the same time. */
export async function removeFolder(folder: string): Promise<void> {
  // One by one: thousands of calls at once would hold up every other.
  for (const name of await entriesOf(folder)) {
    await run((done) => fs.unlink(join(folder, name), done)).catch(ignoreAbsent)
  }
  await run((done) => fs.rmdir(folder, done)).catch(ignoreAbsent)
}

function ignoreAbsent(error: unknown): void {
  if (errnoOf(error) !== 'ENOENT') throw error
}
