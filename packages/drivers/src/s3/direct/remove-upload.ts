import { isNotFound } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import type { UploadSession } from '../uploads/session.js'
import { abortNative } from './native-parts.js'
import { nativeOf } from './record.js'

/** Removes an upload with all that has come of it, also what the store keeps in an upload of its own. */
export async function removeUpload(bucket: Bucket, session: UploadSession): Promise<void> {
  const native = await session.readRecord().then(nativeOf, (error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  await session.remove()
  if (native === undefined) return
  const name = session.dataName(native.nonce)
  await abortNative(bucket, { name, uploadId: native.uploadId })
  // A completion may have joined the parts meanwhile.
  await session.removeData(native.nonce)
}
