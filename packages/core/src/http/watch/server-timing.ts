import type { GateReply } from '../../contracts/gate.js'
import type { GateSettings } from '../gate-settings.js'
import type { RequestWatch } from './request-watch.js'
import type { TimedPart } from './stopwatch.js'

const PARTS: readonly TimedPart[] = ['token', 'authorize', 'ledger', 'storage']
/** A cookie that opened nothing may have been checked: how long that took tells of the keys. */
const PUBLIC_PARTS: readonly TimedPart[] = ['storage']

/**
 * The reply with the time that it took, up to its first byte: the `Server-Timing` of W3C. Whoever showed nothing good is told
 * none, not even the total: the time of the storage tells which keys are taken.
 */
export function withServerTiming(reply: GateReply, watched: RequestWatch, settings: GateSettings): GateReply {
  if (!settings.serverTiming || !watched.mayKnowTimes) return reply
  const { stopwatch } = watched
  const metrics = [`total;dur=${rounded(stopwatch.elapsed())}`]
  for (const part of watched.admission?.access === 'public' ? PUBLIC_PARTS : PARTS) {
    const spent = stopwatch.of(part)
    if (spent !== undefined) metrics.push(`${part};dur=${rounded(spent)}`)
  }
  return { ...reply, headers: { ...reply.headers, 'server-timing': metrics.join(', ') } }
}

function rounded(milliseconds: number): string {
  return String(Math.round(Math.max(0, milliseconds) * 10) / 10)
}
