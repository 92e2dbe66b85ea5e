import { randomBytes } from 'node:crypto'
import { LatchkeyError, type Precondition } from '@latchkey/core'
import { assertDeletable } from '../precondition.js'
import type { Bucket } from './bucket.js'
import { commit, matches } from './commit.js'
import { conditionSupport } from './conditions.js'
import { markerFields } from './metadata.js'
import { translated } from './request.js'
import { meansAbsent, meansConditionFailed } from './store-errors.js'

/** Removes an object; `false` where there is none. */
export async function deleteObject(
  bucket: Bucket,
  name: string,
  precondition: Precondition | undefined,
): Promise<boolean> {
  if (precondition !== undefined && !bucket.settings.conditionalWrites) {
    throw new LatchkeyError('invalid_option', 'This driver was made with conditionalWrites: false')
  }
  const head = await bucket.head(name)
  const current = head === null || head.isMarker ? null : head.stat
  const named = precondition?.type === 'match' && head !== null && !matches(precondition, head)
  assertDeletable(precondition, named ? null : current)
  if (current === null) return false
  if (precondition === undefined) {
    await translated(bucket.remove(name))
    return true
  }
  const { deletes, spell } = await conditionSupport(bucket)
  if (!deletes) {
    await putMarker(bucket, name, precondition)
    return true
  }
  try {
    await bucket.remove(name, { IfMatch: spell(current.etag) })
    return true
  } catch (error) {
    if (meansConditionFailed(error) || meansAbsent(error)) assertDeletable(precondition, null)
    return translated(Promise.reject(error))
  }
}

/**
 * A store that ignores `If-Match` on DELETE would remove whatever is there. It does check it on PUT, so there the
 * object is replaced by a marker, which counts as a free key. The marker itself cannot be removed safely and stays
 * until the key is written again. Its bytes are random, so that its ETag is that of no object.
 */
async function putMarker(bucket: Bucket, name: string, precondition: Precondition): Promise<void> {
  const version = randomBytes(16).toString('base64url')
  const bytes = randomBytes(16)
  await commit(bucket, {
    name,
    version,
    size: bytes.byteLength,
    metadata: { visibility: 'private' },
    precondition,
    repeatable: true,
    publish: (condition) => bucket.put(name, bytes, markerFields(version), condition),
  })
}
