import type { GateRequest } from '../contracts/gate.js'

/** Whether a browser asks ahead of time, for a person who may never follow the link. */
export function isPrefetch(request: GateRequest): boolean {
  return ['sec-purpose', 'purpose'].some((name) => /(?:^|[\s,])prefetch\b/i.test(request.header(name) ?? ''))
}
