import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { emptyFiles, withEmptiedFolder } from '../folder.mjs'
import { interleave, median, spread } from '../interleave.mjs'
import { cpuSeconds, peakMemory, pinned, residentMebibytes, startProgram } from '../program.mjs'
import { receivers } from './receivers.mjs'
import { targetsOf } from './targets.mjs'

const run = promisify(execFile)
const SERVER = new URL('server.mjs', import.meta.url).pathname
const CLIENT = new URL('client.mjs', import.meta.url).pathname
const BASE = 'pipeline + rename'

/** What is uploaded, by the name that the tables have for it. */
export const UPLOADS = {
  '1 MiB': { bytes: 2 ** 20, count: 300, connections: 4 },
  '100 MiB': { bytes: 100 * 2 ** 20, count: 8, connections: 1 },
  '1 GiB': { bytes: 2 ** 30, count: 1, connections: 1 },
}
/** As in a server that has been up for a while: its code compiled, its folders made. More paths at once no command line takes. */
export const WARM_UPS = [...Array(3).fill(2 ** 10), ...Array(6).fill(2 ** 20)].map((bytes) => ({
  bytes,
  count: 300,
  connections: 4,
}))

/** @typedef {{ bytes: number, count: number, connections: number }} Uploads */
/** @typedef {import('../report.mjs').Table} Table */

/**
 * Linux in a virtual machine gives free memory back to the host (free page reporting), 2 seconds after some was freed.
 * Getting it anew takes longer than all that is measured here.
 */
const MEMORY_RETURNED_MS = 2500

/**
 * Uploads to a server of its own. Some small ones go first, and then what is measured once, and do not count. What they
 * stored is taken away: the memory that its pages had is what the next are written to. That of the last is only taken away
 * when what was free before has gone to the host: so nothing goes there while the uploads come that count.
 *
 * @param {string} kind
 * @param {Uploads} uploads
 */
export async function upload(kind, uploads) {
  return withEmptiedFolder(async (root) => {
    const server = await startProgram([process.execPath, SERVER, kind, root])
    try {
      const { port } = /** @type {{ port: number }} */ (server.ready)
      const { protocol } = receivers[kind] ?? {}
      const before = [...WARM_UPS, uploads]
      const targets = await targetsOf(kind, countOf([...before, uploads]))
      const next = (/** @type {number} */ count) => targets.splice(0, count)
      for (const few of before) {
        emptyFiles(root)
        await send({ port, protocol, targets: next(few.count), ...few })
      }
      await sleep(MEMORY_RETURNED_MS)
      emptyFiles(root)
      const resident = residentMebibytes(server.pid)
      const cpuBefore = cpuSeconds(server.pid)
      const sending = () => send({ port, protocol, targets: next(uploads.count), ...uploads })
      const { peak, result } = await peakMemory(server.pid, sending)
      const cpuMillis = ((cpuSeconds(server.pid) - cpuBefore) * 1000) / uploads.count
      return { megabytesPerSecond: result, cpuMillis, before: resident, peak }
    } finally {
      await server.stop()
    }
  })
}

/** @param {readonly Uploads[]} several */
export function countOf(several) {
  return several.reduce((sum, { count }) => sum + count, 0)
}

/** @param {Uploads & { port: number, protocol: string | undefined, targets: readonly string[] }} options */
async function send(options) {
  const [file, ...args] = pinned(1, [process.execPath, CLIENT, JSON.stringify(options)])
  const { stdout } = await run(file, args)
  return Number(JSON.parse(stdout).megabytesPerSecond)
}

/**
 * @param {{ rounds: number }} options
 * @returns {Promise<Table[]>}
 */
export async function benchUpload({ rounds }) {
  const kinds = Object.keys(receivers)
  /** @type {Table[]} */
  const tables = []
  for (const [size, uploads] of Object.entries(UPLOADS)) {
    const measured = await interleave(kinds, rounds, (kind) => upload(kind, uploads))
    const rates = (/** @type {string} */ kind) =>
      (measured.get(kind) ?? []).map(({ megabytesPerSecond }) => megabytesPerSecond)
    const cpus = (/** @type {string} */ kind) => (measured.get(kind) ?? []).map(({ cpuMillis }) => cpuMillis)
    tables.push({
      title: `Uploads of ${size}`,
      columns: ['', 'MB/s', '± %', 'CPU ms/upload', 'CPU ± %', `to ${BASE}`, `to ${BASE}, CPU`],
      rows: kinds.map((name) => ({
        name,
        values: [
          median(rates(name)),
          spread(rates(name)),
          median(cpus(name)),
          spread(cpus(name)),
          median(rates(name)) / median(rates(BASE)),
          median(cpus(BASE)) / median(cpus(name)),
        ],
      })),
    })
  }
  return tables
}
