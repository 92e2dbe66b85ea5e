import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { interleave, median, spread } from '../interleave.mjs'
import { contenders } from './contenders.mjs'

/** A slice of a token is short, so there are more rounds of them than of a server. */
const ROUNDS_PER_ROUND = 3
const WARM_UP_MS = 150
const SLICE_MS = 60
const BEFORE_SLICE_MS = 5

setFlagsFromString('--expose-gc')
const collectGarbage = /** @type {() => void} */ (runInNewContext('gc'))

/**
 * Microseconds of CPU for one operation, over a slice of time: of all threads, as some have another one compute. Time by the
 * clock would have whatever else the machine does in it.
 *
 * @param {(at: number) => unknown} operation
 * @param {number} sliceMs
 */
async function timed(operation, sliceMs) {
  // What the contender before has left behind must not be cleared up on the account of this one.
  collectGarbage()
  await repeated(operation, BEFORE_SLICE_MS)
  const before = process.cpuUsage()
  const count = await repeated(operation, sliceMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/**
 * @param {(at: number) => unknown} operation
 * @param {number} ms
 * @returns {Promise<number>} how many times
 */
async function repeated(operation, ms) {
  let count = 0
  const end = performance.now() + ms
  while (performance.now() < end) {
    for (let more = 0; more < 32; more++) {
      const result = operation(count++)
      if (result instanceof Promise) await result
    }
  }
  return count
}

/**
 * @param {{ rounds: number }} options
 * @returns {Promise<import('../report.mjs').Table[]>}
 */
export async function benchTokens({ rounds }) {
  const groups = await contenders()
  const tables = []
  for (const [group, operations] of Object.entries(groups)) {
    const names = Object.keys(operations)
    const time = (/** @type {string} */ name, /** @type {number} */ ms) =>
      timed(operations[name] ?? (() => {}), ms)
    for (const name of names) await time(name, WARM_UP_MS)
    const measured = await interleave(names, rounds * ROUNDS_PER_ROUND, (name) => time(name, SLICE_MS))
    const micros = new Map([...measured].map(([name, values]) => [name, median(values)]))
    const base = micros.get('createHmac, cached KeyObject') ?? Number.NaN
    const ours = micros.get('latchkey') ?? Number.NaN
    tables.push({
      title: `Tokens: ${group}`,
      columns: ['', 'CPU µs', '± %', 'to one createHmac', 'to Latchkey'],
      rows: [...micros].map(([name, value]) => ({
        name,
        values: [value, spread(measured.get(name) ?? []), value / base, value / ours],
      })),
    })
  }
  return tables
}
