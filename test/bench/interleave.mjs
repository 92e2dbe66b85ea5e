/**
 * Contenders in turn, round by round, so that a machine that slows down slows all of them.
 *
 * @template Measured
 * @param {readonly string[]} names
 * @param {number} rounds
 * @param {(name: string, round: number) => Promise<Measured>} measure
 * @returns {Promise<Map<string, Measured[]>>} what was measured, by name, round by round
 */
export async function interleave(names, rounds, measure) {
  /** @type {Map<string, Measured[]>} */
  const measured = new Map(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another one: none is always the one that follows the heaviest.
    for (let at = 0; at < names.length; at++) {
      const name = names[(at + round) % names.length] ?? ''
      measured.get(name)?.push(await measure(name, round))
    }
  }
  return measured
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * How far the rounds lie apart, in percent of the median: the middle half of them lies so much around it.
 *
 * @param {readonly number[]} values
 */
export function spread(values) {
  return (50 * (quantile(values, 0.75) - quantile(values, 0.25))) / median(values)
}

/**
 * @param {readonly number[]} values
 * @param {number} part
 */
function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(at))
  return below + (above - below) * (at % 1)
}
