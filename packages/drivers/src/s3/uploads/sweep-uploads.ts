import type { Bucket } from '../bucket.js'
import { endOf, removeAll, uploadsFolder } from './session.js'

/** A part that is still being stored when its upload ends shall find it there, and remove itself. */
const GRACE_MS = 3_600_000

/** Removes what is left of uploads whose end is past. Their folders sort by their ends, so the listing stops soon. */
export async function sweepUploads(bucket: Bucket): Promise<void> {
  const folder = uploadsFolder(bucket)
  let last = ''
  for await (const { name } of bucket.list(folder)) {
    const upload = name.slice(folder.length, name.indexOf('/', folder.length) + 1)
    if (upload === last) continue
    last = upload
    const end = endOf(upload.slice(0, upload.indexOf('.')))
    if (end === null || end + GRACE_MS > Date.now()) return
    await removeAll(bucket, folder + upload)
  }
}
