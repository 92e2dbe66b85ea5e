import { LatchkeyError } from '@latchkey/core'
import { preconditionFailedError } from '../../precondition.js'
import { invalidPart } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import type { NamedVersion } from '../read-name.js'
import { joinNative } from './native-parts.js'
import { BODY_MARK } from './presign.js'
import type { DirectRecord } from './record.js'

const NO_TYPE = 'binary/octet-stream'

/**
 * What has come, its parts joined, if it is what was announced.
 *
 * @throws LatchkeyError `invalid_part` where nothing has; `length_mismatch`, `type_not_allowed`, `precondition_failed`
 */
export async function stagedVersion(
  bucket: Bucket,
  name: string,
  { contentType, direct }: DirectRecord,
): Promise<Required<NamedVersion>> {
  let head = await bucket.head(name)
  if (head === null && direct.parts !== undefined) {
    await joinNative(bucket, { name, uploadId: direct.parts.uploadId }, direct)
    head = await bucket.head(name)
  }
  if (head === null) throw invalidPart('Nothing has come at the URL that was signed')
  const { size, etag, contentType: type = NO_TYPE } = head.stat
  if (size !== direct.size) {
    throw new LatchkeyError('length_mismatch', `${size} bytes have come, ${direct.size} were announced`)
  }
  if (type !== contentType) {
    throw new LatchkeyError('type_not_allowed', `${type} has come, ${contentType} was announced`)
  }
  // Not sent by a client but copied from elsewhere in the bucket.
  if (direct.mark !== undefined && head.foreign.metadata[BODY_MARK] !== direct.mark) {
    throw preconditionFailedError()
  }
  return { name, size, etag }
}
