import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { withFolder } from '../folder.mjs'
import { interleave, median } from '../interleave.mjs'
import { cpuSeconds, peakMemory, pinned, residentMebibytes, startProgram } from '../program.mjs'
import { receivers } from './receivers.mjs'

const run = promisify(execFile)
const SERVER = new URL('server.mjs', import.meta.url).pathname
const CLIENT = new URL('client.mjs', import.meta.url).pathname
const BASE = 'pipeline + rename'

const SIZES = [
  { name: '1 MiB', bytes: 2 ** 20, count: 200, connections: 4 },
  { name: '100 MiB', bytes: 100 * 2 ** 20, count: 4, connections: 1 },
  { name: '1 GiB', bytes: 2 ** 30, count: 1, connections: 1 },
]

/** @typedef {(typeof SIZES)[number]} Size */
/** @typedef {import('../report.mjs').Table} Table */

/**
 * One server with one size, from an empty folder.
 *
 * @param {string} kind
 * @param {Size} size
 */
async function upload(kind, { bytes, count, connections }) {
  return withFolder(async (root) => {
    const server = await startProgram([process.execPath, SERVER, kind, root, String(count)])
    try {
      const before = residentMebibytes(server.pid)
      const cpuBefore = cpuSeconds(server.pid)
      const options = JSON.stringify({ ...server.ready, bytes, count, connections })
      const [file, ...args] = pinned(1, [process.execPath, CLIENT, options])
      const { peak, result } = await peakMemory(server.pid, () => run(file, args))
      const { megabytesPerSecond } = JSON.parse(result.stdout)
      const cpuMillis = ((cpuSeconds(server.pid) - cpuBefore) * 1000) / count
      return { megabytesPerSecond: Number(megabytesPerSecond), cpuMillis, grown: peak - before }
    } finally {
      await server.stop()
    }
  })
}

/** @param {{ rounds: number }} options */
export async function benchUpload({ rounds }) {
  const kinds = Object.keys(receivers)
  /** @type {Table[]} */
  const tables = []
  for (const size of SIZES) {
    const measured = await interleave(kinds, rounds, (kind) => upload(kind, size))
    const rate = (/** @type {string} */ kind) =>
      median((measured.get(kind) ?? []).map(({ megabytesPerSecond }) => megabytesPerSecond))
    const cpu = (/** @type {string} */ kind) =>
      median((measured.get(kind) ?? []).map(({ cpuMillis }) => cpuMillis))
    const grown = (/** @type {string} */ kind) => median((measured.get(kind) ?? []).map((each) => each.grown))
    tables.push({
      title: `Uploads of ${size.name}`,
      columns: ['', 'MB/s', 'CPU ms/upload', `to ${BASE}`, 'memory grown by, MiB'],
      rows: kinds.map((name) => ({
        name,
        values: [rate(name), cpu(name), rate(name) / rate(BASE), grown(name)],
      })),
    })
  }
  return tables
}
