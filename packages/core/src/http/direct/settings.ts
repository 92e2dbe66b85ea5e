import type { NativeUploads } from '../../contracts/native-uploads.js'
import type { LatchkeyOptions } from '../../latchkey-options.js'
import { LatchkeyError, parseSize } from '../../token/index.js'

/**
 * The storage's own uploads, where they take the bytes.
 *
 * @throws LatchkeyError `invalid_option`, also where the storage has none
 */
export function checkedUploads({ multipart, storage, uploads }: LatchkeyOptions): NativeUploads | undefined {
  if (uploads !== undefined && uploads !== 'stream' && uploads !== 'direct') {
    throw invalid('uploads must be stream or direct')
  }
  if (uploads !== 'direct') return undefined
  const native = storage.presigning?.uploads
  if (native === undefined) {
    throw invalid(
      "uploads: 'direct' needs a storage that clients can send bytes to, such as s3Driver with getSignedUrl",
    )
  }
  const { putSize, smallestPart } = native.limits
  const partSize = parseSize(multipart?.partSize ?? smallestPart, 'multipart.partSize')
  if (partSize < smallestPart || partSize > putSize) {
    throw invalid(`multipart.partSize must be ${smallestPart} to ${putSize} bytes with uploads: 'direct'`)
  }
  return native
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
