import { withFolder } from '../folder.mjs'
import { median } from '../interleave.mjs'
import { compare, loading, measured, mediansOf, warmUpsOf } from './compare.mjs'
import { ACCEL, FROM_DISK, IN_TURN, nodeServing, SECURE_LINK } from './contenders.mjs'
import { hosts, PEER_OF } from './hosts.mjs'
import { objectName, SIZES, writeObjects, writeTurns } from './objects.mjs'

/** @typedef {import('../report.mjs').Table} Table */

// V8 goes on compiling for thousands of requests: the fewer a server takes in a second, the longer it warms up.
export const LOADS = {
  '1 KiB': { connections: 64, warmUpSeconds: 2, seconds: 2 },
  '64 KiB': { connections: 64, warmUpSeconds: 4, seconds: 2 },
  '1 MiB': { connections: 32, warmUpSeconds: 6, seconds: 2 },
  '100 MiB': { connections: 8, warmUpSeconds: 3, seconds: 3 },
}
const BY_NGINX = /** @type {import('./objects.mjs').Size[]} */ (['1 MiB', '100 MiB'])
const LEAST = 'node:http pipe'

/**
 * Each size, a range and a revalidation through every server, and what a token adds to the cost.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<Table[]>}
 */
export async function benchServe({ rounds }) {
  const names = [...Object.keys(hosts), SECURE_LINK]
  return withFolder(async (root) => {
    writeObjects(root)
    writeTurns(root)
    /** @type {Table[]} */
    const tables = []
    /** @type {Table} */
    const accel = { title: `CPU µs/request of ${ACCEL}`, columns: ['', 'app', 'nginx', 'both'], rows: [] }
    for (const size of SIZES) {
      const contenders = [...names, BY_NGINX.includes(size) ? ACCEL : FROM_DISK]
      if (size === '1 KiB') contenders.push(IN_TURN)
      const requests = { size, ...LOADS[size] }
      const { loads, ...table } = await compare({
        title: `Serving ${size}`,
        root,
        names: contenders,
        rounds,
        requests,
      })
      tables.push(table)
      const parts = loads.get(ACCEL)
      if (parts !== undefined) accel.rows.push({ name: size, values: partsOf(parts) })
    }
    const framed = names.filter((name) => name !== LEAST)
    for (const { title, requests } of [RANGE, UNCHANGED]) {
      const { loads: _, ...table } = await compare({ title, root, names: framed, rounds, requests })
      tables.push(table)
    }
    tables.push(await verification(root, rounds))
    return accel.rows.length === 0 ? tables : [...tables, accel]
  })
}

/** @type {{ title: string, requests: import('./compare.mjs').Requests }} */
const RANGE = {
  title: 'Serving 64 KiB of 1 MiB (206)',
  requests: {
    size: '1 MiB',
    connections: 64,
    warmUpSeconds: 6,
    seconds: 2,
    headers: { range: 'bytes=1000-66535' },
    answer: { status: 206, length: 65_536 },
  },
}

/** @type {{ title: string, requests: import('./compare.mjs').Requests }} */
const UNCHANGED = {
  title: 'Not modified (304)',
  requests: {
    size: '64 KiB',
    connections: 64,
    warmUpSeconds: 2,
    seconds: 1,
    revalidates: true,
    answer: { status: 304, length: 0 },
  },
}

/** @param {readonly import('./wrk.mjs').Load[]} loads */
function partsOf(loads) {
  const [app, nginx] = ['app', 'nginx'].map((role) =>
    median(loads.map((each) => each.cpuMicrosOf[role] ?? 0)),
  )
  return [app, nginx, median(loads.map(({ cpuMicros }) => cpuMicros))]
}

/**
 * The same object from the same process: by tokens that are new, by one that was seen before, and as a public one that
 * needs none. What a token takes is what it costs more than the cheaper of the last two: to see that an object is public
 * takes its time, too.
 *
 * @param {string} root
 * @param {number} rounds
 * @returns {Promise<Table>}
 */
async function verification(root, rounds) {
  /** @type {Table} */
  const table = {
    title: 'What a token costs at 1 KiB',
    columns: [
      '',
      'new: CPU µs/request',
      'seen before: CPU µs/request',
      'public: CPU µs/request',
      'new tokens take %',
      'a token seen before takes %',
    ],
    rows: [],
  }
  const size = /** @type {const} */ ('1 KiB')
  for (const name of Object.keys(PEER_OF)) {
    const server = await nodeServing(name, root, 'public')
    try {
      const requests = { size, ...LOADS[size] }
      const targets = server.targets[size] ?? []
      const ways = new Map([
        ['new', loading(server, requests)],
        ['seen', loading(server, { ...requests, targets: targets.slice(0, 1) })],
        ['public', loading(server, { ...requests, targets: [`/files/${objectName(size)}`] })],
      ])
      const loads = await measured(ways, { warmUps: warmUpsOf(requests), rounds })
      const [fresh = 0, seen = 0, open = 0] = [...loads.values()].map((each) => mediansOf(each).cpu)
      const least = Math.min(seen, open)
      table.rows.push({
        name,
        values: [fresh, seen, open, 100 * (1 - least / fresh), 100 * (1 - least / seen)],
      })
    } finally {
      await server.stop()
    }
  }
  return table
}
