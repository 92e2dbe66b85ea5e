import type { GateRequest } from '../../contracts/gate.js'
import type { Precondition, StorageDriver } from '../../contracts/storage-driver.js'
import { type Grant, LatchkeyError } from '../../token/index.js'
import { hasWriteConditions, writeConditionsHold } from '../conditional.js'

/**
 * What must hold when the parts become an object: what the session began with, what the request's own token says, and
 * the request's conditions, all of them. Nothing is checked against what is there now, except for the conditions: a
 * repeated completion finds its own object, and must get its answer again rather than `exists`.
 */
export async function completionPrecondition(
  request: GateRequest,
  key: string,
  grants: readonly Grant[],
  storage: StorageDriver,
): Promise<Precondition | undefined> {
  const all = grants.map(ofGrant)
  if (hasWriteConditions(request)) all.push(await ofConditions(request, key, storage))
  return all.reduce(both, undefined)
}

function ofGrant({ write }: Grant): Precondition | undefined {
  if (write.replace === 'any') return undefined
  if (write.replace !== 'none') return { type: 'match', etags: [write.replace.etag] }
  if (write.create) return { type: 'absent' }
  throw conditionFailed()
}

async function ofConditions(
  request: GateRequest,
  key: string,
  storage: StorageDriver,
): Promise<Precondition> {
  const current = await storage.stat(key)
  if (!writeConditionsHold(request, current)) throw conditionFailed()
  return current === null ? { type: 'absent' } : { type: 'match', etags: [current.etag] }
}

function both(one: Precondition | undefined, other: Precondition | undefined): Precondition | undefined {
  if (one === undefined || other === undefined) return one ?? other
  if (one.type === 'absent' || other.type === 'absent') {
    if (one.type !== other.type) throw conditionFailed()
    return one
  }
  const etags = one.etags.filter((etag) => other.etags.includes(etag))
  if (etags.length === 0) throw conditionFailed()
  return { type: 'match', etags }
}

function conditionFailed(): LatchkeyError {
  return new LatchkeyError('precondition_failed', 'the object is not as the tokens or the request require')
}
