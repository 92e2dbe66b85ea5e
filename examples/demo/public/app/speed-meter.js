const WINDOW_MS = 3000

/**
 * Measures the speed of something that grows, over the last seconds only.
 *
 * @returns {(total: number) => number} takes what there is by now, gives what comes per second
 */
export function createSpeedMeter() {
  /** @type {{ at: number, total: number }[]} */
  const samples = [{ at: performance.now(), total: 0 }]
  return (total) => {
    const at = performance.now()
    samples.push({ at, total })
    while (samples.length > 2 && (samples[1]?.at ?? at) < at - WINDOW_MS) samples.shift()
    const first = samples[0] ?? { at, total }
    return at > first.at ? ((total - first.total) / (at - first.at)) * 1000 : 0
  }
}
