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
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
