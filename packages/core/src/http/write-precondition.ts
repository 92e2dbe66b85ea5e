import type { GateRequest } from '../contracts/gate.js'
import type { ObjectStat, Precondition } from '../contracts/storage-driver.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { hasWriteConditions, writeConditionsHold } from './conditional.js'
import { isWeak } from './entity-tags.js'

/**
 * What must hold when the object is published, out of the grant and the request's own conditions. `current` is what
 * is there now: where the answer is clear already, the upload is refused before its body is read.
 */
export function writePrecondition(
  request: GateRequest,
  grant: Grant,
  current: ObjectStat | null,
): Precondition | undefined {
  if (!writeConditionsHold(request, current)) throw conditionFailed()
  if (current === null) {
    if (!grant.write.create) throw conditionFailed()
    // Something may appear meanwhile. Whoever may replace anything and asked for nothing replaces that, too.
    return grant.write.replace === 'any' && !hasWriteConditions(request) ? undefined : { type: 'absent' }
  }
  const { replace } = grant.write
  if (replace === 'none') {
    throw new LatchkeyError('exists', 'the key is taken and the token may only create')
  }
  if (replace !== 'any') {
    if (replace.etag !== current.etag) throw conditionFailed()
    return { type: 'match', etags: [replace.etag] }
  }
  if (!hasWriteConditions(request)) return undefined
  // The condition holds now; that it still does at the end, a weak ETag could not tell.
  if (isWeak(current.etag)) throw conditionFailed()
  return { type: 'match', etags: [current.etag] }
}

function conditionFailed(): LatchkeyError {
  return new LatchkeyError('precondition_failed', 'the object is not as the token or the request requires')
}
