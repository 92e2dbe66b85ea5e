import type { GateSettings } from '../gate-settings.js'
import type { RequestWatch } from './request-watch.js'
import type { TimedPart } from './stopwatch.js'

const PARTS: readonly TimedPart[] = ['token', 'authorize', 'ledger', 'storage']
/** A cookie that opened nothing may have been checked: how long that took tells of the keys. */
const PUBLIC_PARTS: readonly TimedPart[] = ['storage']

/**
 * The time that a reply took, up to its first byte: the `Server-Timing` of W3C. `undefined` for whoever showed nothing good:
 * not even the total, as the time of the storage tells which keys are taken.
 */
export function serverTiming(watched: RequestWatch, settings: GateSettings): string | undefined {
  if (!settings.serverTiming || !watched.mayKnowTimes) return undefined
  const { stopwatch } = watched
  let metrics = `total;dur=${rounded(stopwatch.elapsed())}`
  for (const part of watched.admission?.access === 'public' ? PUBLIC_PARTS : PARTS) {
    const spent = stopwatch.of(part)
    if (spent !== undefined) metrics += `, ${part};dur=${rounded(spent)}`
  }
  return metrics
}

function rounded(milliseconds: number): string {
  return String(Math.round(Math.max(0, milliseconds) * 10) / 10)
}
