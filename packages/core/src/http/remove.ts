import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { ObjectStat, Precondition } from '../contracts/storage-driver.js'
import type { VersionRule } from '../token/index.js'
import { authenticate } from './access.js'
import { NO_STORE } from './cache-control.js'
import { hasWriteConditions, writeConditionsHold } from './conditional.js'
import { isWeak } from './entity-tags.js'
import type { GateSettings } from './gate-settings.js'
import { refuse } from './refusal.js'
import type { Target } from './target.js'
import { reportRemoved } from './watch/report-stored.js'

/** DELETE. With conditions, only the very version that they were checked against is removed. */
export async function remove(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
): Promise<GateReply> {
  const access = await authenticate(request, target, 'delete', settings, ['downloads'])
  if ('refusal' in access) return access.refusal
  const { storage } = settings
  const rule = access.grant.remove
  let precondition: Precondition | undefined
  if (rule !== 'any' || hasWriteConditions(request)) {
    const stat = await storage.stat(target.key)
    if (stat === null) return refuse(request, 'not_found')
    const holds = covers(rule, stat) && writeConditionsHold(request, stat) && !isWeak(stat.etag)
    if (!holds || !storage.capabilities.conditionalWrites) return refuse(request, 'precondition_failed')
    precondition = { type: 'match', etags: [stat.etag] }
  }
  const removed = await storage.delete(target.key, precondition)
  if (!removed) return refuse(request, 'not_found')
  reportRemoved(request, target.key, access.grant)
  return { status: 204, headers: { 'cache-control': NO_STORE }, body: null }
}

function covers(rule: VersionRule, stat: ObjectStat): boolean {
  if (rule === 'any' || rule === 'none') return rule === 'any'
  return rule.etag === stat.etag
}
