import { withFolder } from './folder.mjs'
import { interleave, median } from './interleave.mjs'
import { peakMemory, residentMebibytes } from './program.mjs'
import { startServing } from './serve/contenders.mjs'
import { hosts } from './serve/hosts.mjs'
import { OBJECTS, writeObjects } from './serve/objects.mjs'
import { load } from './serve/wrk.mjs'
import { UPLOADS, upload } from './upload/bench.mjs'
import { receivers } from './upload/receivers.mjs'

const ROUNDS = 3
const SECONDS = 4

/** @typedef {import('./report.mjs').Table} Table */
/** @typedef {{ before: number, peak: number }} Memory */

/**
 * What servers hold in memory at 64 downloads of 100 MiB at once, at uploads of 1 MiB and at one of 1 GiB; each in a process of
 * its own.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<Table[]>}
 */
export async function benchMemory({ rounds }) {
  const times = Math.min(rounds, ROUNDS)
  const downloads = await withFolder((root) => {
    writeObjects(root, ['100 MiB'])
    return interleave(Object.keys(hosts), times, (name) => downloading(name, root))
  })
  const uploads = await interleave(Object.keys(receivers), times, async (kind) => ({
    small: (await upload(kind, UPLOADS['1 MiB'])).peak,
    large: (await upload(kind, UPLOADS['1 GiB'])).peak,
  }))
  return [
    tableOf('Memory at 64 downloads of 100 MiB at once', downloads, {
      'MiB before': ({ before }) => before,
      'MiB at most': ({ peak }) => peak,
      'MiB more': ({ before, peak }) => peak - before,
    }),
    tableOf('Memory at an upload of 1 GiB, and at uploads of 1 MiB', uploads, {
      'MiB at most, 1 MiB': ({ small }) => small,
      'MiB at most, 1 GiB': ({ large }) => large,
      'MiB more': ({ small, large }) => large - small,
    }),
  ]
}

/**
 * @param {string} name
 * @param {string} root
 */
async function downloading(name, root) {
  const { pids, origin, targets, stop } = await startServing(name, root)
  try {
    const pid = pids.app ?? 0
    const before = residentMebibytes(pid)
    const bytes = OBJECTS['100 MiB']
    const requests = { pids, origin, targets: targets['100 MiB'] ?? [], bytes }
    const { peak } = await peakMemory(pid, () => load({ ...requests, connections: 64, seconds: SECONDS }))
    return { before, peak }
  } finally {
    await stop()
  }
}

/**
 * @template T
 * @param {string} title
 * @param {ReadonlyMap<string, readonly T[]>} measured
 * @param {Record<string, (value: T) => number>} columns
 * @returns {Table}
 */
function tableOf(title, measured, columns) {
  return {
    title,
    columns: ['', ...Object.keys(columns)],
    rows: [...measured].map(([name, values]) => ({
      name,
      values: Object.values(columns).map((column) => median(values.map(column))),
    })),
  }
}
