import { withFolder } from '../folder.mjs'
import { compare, mediansOf } from './compare.mjs'
import { PEER_OF } from './hosts.mjs'
import { writeManyObjects, writeObjects } from './objects.mjs'

const CONNECTIONS = [1, 8, 64, 512]
const OBJECT_COUNTS = [1, 1000, 100_000]

/** @typedef {import('../report.mjs').Table} Table */
/** @typedef {Map<string, ReturnType<typeof mediansOf>>} Medians */

/**
 * 1 KiB over ever more connections, and beside ever more objects.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<Table[]>}
 */
export async function benchGrowth({ rounds }) {
  return withFolder(async (root) => {
    writeObjects(root, ['1 KiB'])
    const at = async (/** @type {number} */ connections) => {
      const requests = { size: /** @type {const} */ ('1 KiB'), connections, warmUpSeconds: 1, seconds: 1 }
      const names = Object.keys(PEER_OF)
      const { loads } = await compare({ title: '', root, names, rounds, requests })
      return new Map([...loads].map(([name, values]) => [name, mediansOf(values)]))
    }
    /** @type {Medians[]} */
    const byConnections = []
    for (const connections of CONNECTIONS) byConnections.push(await at(connections))
    /** @type {Medians[]} */
    const byObjects = []
    let there = 1
    for (const objects of OBJECT_COUNTS) {
      writeManyObjects(root, there, objects)
      there = objects
      byObjects.push(await at(64))
    }
    return [
      growth(
        'Serving 1 KiB over ever more connections',
        CONNECTIONS.map((count) => `c=${count}`),
        byConnections,
      ),
      growth(
        'Serving 1 KiB with ever more objects in the root',
        OBJECT_COUNTS.map((count) => `${count}`),
        byObjects,
      ),
    ]
  })
}

/**
 * @param {string} title
 * @param {readonly string[]} labels
 * @param {readonly Medians[]} steps
 * @returns {Table}
 */
function growth(title, labels, steps) {
  return {
    title,
    columns: [
      '',
      ...labels.map((label) => `${label}: requests/s`),
      ...labels.map((label) => `${label}: CPU µs/request`),
    ],
    rows: Object.keys(PEER_OF).map((name) => ({
      name,
      values: [
        ...steps.map((medians) => medians.get(name)?.rate),
        ...steps.map((medians) => medians.get(name)?.cpu),
      ],
    })),
  }
}
