import { join } from 'node:path'
import type { WriteStore } from '../store.js'
import { entriesOf } from '../sweep-sidecars.js'
import { completedResult } from './record.js'
import { GONE, removeFolder, removeParts, removeUpload } from './remove-upload.js'
import { expiryOf } from './upload-id.js'

/**
 * Removes the uploads that have expired, whoever began them, and what dead processes left of those that are over. An
 * upload that has not expired stays, and so do files that are none of this driver's.
 */
export async function sweepUploads(store: WriteStore): Promise<void> {
  const { uploads } = store.workspace
  for (const entry of await entriesOf(uploads)) {
    // One that cannot be removed does not keep the others; the next sweep meets it again.
    await sweepUpload(store, join(uploads, entry), entry).catch(() => {})
  }
}

async function sweepUpload(store: WriteStore, path: string, entry: string): Promise<void> {
  const isGone = entry.endsWith(GONE)
  const id = isGone ? entry.slice(0, -GONE.length) : entry
  const expiry = expiryOf(id)
  if (expiry === null) return
  if (isGone) await removeFolder(path)
  else if (expiry <= Date.now()) await removeUpload(store, id)
  else if ((await completedResult(path)) !== null) await removeParts(path)
}
