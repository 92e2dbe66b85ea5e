const WINDOW_MS = 3000
// What comes faster than a browser reports progress was there before.
const AT_ONCE_MS = 20

/**
 * Measures the speed of something that grows, over the last seconds only. Where it shrinks it begins anew.
 *
 * @returns {(total: number) => number} takes what there is by now, gives what comes per second
 */
export function createSpeedMeter() {
  /** @type {{ at: number, total: number }[]} */
  let samples = []
  return (total) => {
    const at = performance.now()
    const [first] = samples
    const last = samples.at(-1)
    if (first === undefined || last === undefined || total < last.total || at - first.at < AT_ONCE_MS) {
      samples = [{ at, total }]
      return 0
    }
    samples.push({ at, total })
    while (samples.length > 2 && (samples[1]?.at ?? at) < at - WINDOW_MS) samples.shift()
    const start = samples[0] ?? first
    return ((total - start.total) / (at - start.at)) * 1000
  }
}
