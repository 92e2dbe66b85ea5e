import { LatchkeyError, type ObjectStat, type Precondition } from '@latchkey/core'

/** Throws unless `precondition` holds for the object that is there now. */
export function assertPrecondition(precondition: Precondition | undefined, current: ObjectStat | null): void {
  if (precondition === undefined) return
  if (precondition.type === 'absent') {
    if (current !== null) throw existsError()
    return
  }
  // RFC 9110, section 13.1.1: a weak ETag holds nothing, as another version may have it, too.
  const holds =
    current !== null && !current.etag.startsWith('W/') && precondition.etags.includes(current.etag)
  if (!holds) throw preconditionFailedError()
}

/** As `assertPrecondition`, for a removal: where the key must be free, an object that is there fails the condition. */
export function assertDeletable(precondition: Precondition | undefined, current: ObjectStat | null): void {
  if (precondition?.type !== 'absent') assertPrecondition(precondition, current)
  else if (current !== null) throw preconditionFailedError()
}

/** The key is taken and the write may only create. */
export function existsError(): LatchkeyError {
  return new LatchkeyError('exists', 'The key is taken, and this write may only create')
}

/** The object is absent or another version than the condition asks for. */
export function preconditionFailedError(): LatchkeyError {
  return new LatchkeyError('precondition_failed', 'The object is not the version that the condition names')
}
