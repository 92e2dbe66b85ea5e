import type { Bucket } from '../bucket.js'
import { abortNative } from '../direct/native-parts.js'
import { nativeOf } from '../direct/record.js'
import { meansAbsent } from '../store-errors.js'
import { dataIn, endOf, recordIn, removeAll, uploadsFolder } from './session.js'

/** A part that is still being stored when its upload ends shall find it there, and remove itself. */
const GRACE_MS = 3_600_000

const SWEEP_EVERY_MS = 3_600_000

/** Once an hour, beside whatever was asked for: what it cannot remove it finds the next time. */
export class UploadSweep {
  readonly #bucket: Bucket
  #next = 0

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  run(): void {
    if (Date.now() < this.#next) return
    this.#next = Date.now() + SWEEP_EVERY_MS
    sweepUploads(this.#bucket).catch(() => {})
  }
}

/** Removes what is left of uploads whose end is past. Their folders sort by their ends, so the listing stops soon. */
async function sweepUploads(bucket: Bucket): Promise<void> {
  const folder = uploadsFolder(bucket)
  let last = ''
  for await (const { name } of bucket.list(folder)) {
    const upload = name.slice(folder.length, name.indexOf('/', folder.length) + 1)
    if (upload === last) continue
    last = upload
    const end = endOf(upload.slice(0, upload.indexOf('.')))
    if (end === null || end + GRACE_MS > Date.now()) return
    await abortNativeIn(bucket, folder + upload)
    await removeAll(bucket, folder + upload)
  }
}

/** What clients sent to an upload of the store's own is listed nowhere but there. */
async function abortNativeIn(bucket: Bucket, folder: string): Promise<void> {
  const { Body } = await bucket.get(recordIn(folder), {}).catch((error: unknown) => {
    if (meansAbsent(error)) return { Body: undefined }
    throw error
  })
  const native = Body && readable(await Body.transformToString())
  if (native === undefined) return
  await abortNative(bucket, { name: dataIn(folder, native.nonce), uploadId: native.uploadId })
}

/** A record that is damaged shall not keep this upload, and all that end later, for ever. */
function readable(text: string): ReturnType<typeof nativeOf> {
  try {
    return nativeOf(text)
  } catch {
    return undefined
  }
}
