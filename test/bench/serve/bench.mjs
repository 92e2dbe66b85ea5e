import { withFolder } from '../folder.mjs'
import { interleave, median } from '../interleave.mjs'
import { peakMemory, residentMebibytes, startProgram } from '../program.mjs'
import { hosts, PEER_OF } from './hosts.mjs'
import { writeManyObjects, writeObjects } from './objects.mjs'
import { load } from './wrk.mjs'

const SERVER = new URL('server.mjs', import.meta.url).pathname
const CONNECTIONS = { '1 KiB': 64, '64 KiB': 64, '1 MiB': 32, '100 MiB': 8 }
const LATCHKEYS = Object.keys(PEER_OF)

/** @typedef {import('../report.mjs').Table} Table */

/**
 * @param {string} kind
 * @param {string} root
 */
async function startServer(kind, root) {
  const program = await startProgram([process.execPath, SERVER, kind, root])
  const { port, targets } = /** @type {{ port: number, targets: Record<string, string[]> }} */ (program.ready)
  return { ...program, origin: `http://127.0.0.1:${port}`, targets }
}

/**
 * Every server with the same request, in turn.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.root
 * @param {readonly string[]} options.kinds
 * @param {keyof typeof CONNECTIONS} options.size
 * @param {number} [options.connections]
 * @param {boolean} [options.revalidates] whether each request has the ETag
 * @param {Record<string, string>} [options.headers]
 * @param {number} options.rounds
 * @param {number} options.seconds
 * @returns {Promise<Table>}
 */
async function compare({
  title,
  root,
  kinds,
  size,
  connections,
  revalidates = false,
  headers = {},
  rounds,
  seconds,
}) {
  const servers = new Map()
  try {
    for (const kind of kinds) servers.set(kind, await startServer(kind, root))
    const measured = await interleave(kinds, rounds + 1, async (kind) => {
      const server = servers.get(kind)
      const targets = server.targets[size]
      const extra = revalidates ? { 'if-none-match': await etagOf(server.origin + targets[0]) } : {}
      return load({
        pid: server.pid,
        origin: server.origin,
        targets,
        headers: { ...headers, ...extra },
        connections: connections ?? CONNECTIONS[size],
        seconds,
      })
    })
    // The first round warms up.
    const loads = new Map([...measured].map(([kind, values]) => [kind, values.slice(1)]))
    return {
      title,
      columns: ['', 'requests/s', 'MB/s', 'CPU µs/request', 'to its peer', 'to its peer, CPU'],
      rows: rowsOf(loads),
    }
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}

/** @param {Map<string, import('./wrk.mjs').Load[]>} loads */
function rowsOf(loads) {
  const medians = new Map(
    [...loads].map(([kind, values]) => [
      kind,
      {
        rate: median(values.map(({ requestsPerSecond }) => requestsPerSecond)),
        megabytes: median(values.map(({ megabytesPerSecond }) => megabytesPerSecond)),
        cpu: median(values.map(({ cpuMicros }) => cpuMicros)),
      },
    ]),
  )
  return [...medians].map(([name, { rate, megabytes, cpu }]) => {
    const peer = medians.get(/** @type {Record<string, string>} */ (PEER_OF)[name] ?? '')
    return { name, values: [rate, megabytes, cpu, peer && rate / peer.rate, peer && peer.cpu / cpu] }
  })
}

/** @param {string} url */
async function etagOf(url) {
  const reply = await fetch(url, { method: 'HEAD' })
  return reply.headers.get('etag') ?? ''
}

/** @param {{ rounds: number }} options */
export async function benchServe({ rounds }) {
  return withFolder(async (root) => {
    writeObjects(root)
    const kinds = Object.keys(hosts)
    /** @type {Table[]} */
    const tables = []
    for (const size of /** @type {(keyof typeof CONNECTIONS)[]} */ (Object.keys(CONNECTIONS))) {
      const seconds = size === '100 MiB' ? 4 : 2
      tables.push(await compare({ title: `Serving ${size}`, root, kinds, size, rounds, seconds }))
    }
    const framed = kinds.filter((kind) => kind !== 'node:http pipe')
    const range = { range: 'bytes=1000-66535' }
    tables.push(
      await compare({
        title: 'Serving 64 KiB of 1 MiB (206)',
        root,
        kinds: framed,
        size: '1 MiB',
        headers: range,
        connections: 64,
        rounds,
        seconds: 2,
      }),
      await compare({
        title: 'Not modified (304)',
        root,
        kinds: framed,
        size: '64 KiB',
        revalidates: true,
        rounds,
        seconds: 2,
      }),
    )
    return tables
  })
}

/** @param {{ rounds: number }} options */
export async function benchGrowth({ rounds }) {
  return withFolder(async (root) => {
    writeObjects(root)
    /** @type {Table[]} */
    const tables = []
    for (const connections of [1, 8, 64, 512]) {
      tables.push(
        await compare({
          title: `Serving 1 KiB over ${connections} connections`,
          root,
          kinds: LATCHKEYS,
          size: '1 KiB',
          connections,
          rounds,
          seconds: 2,
        }),
      )
    }
    let there = 0
    for (const objects of [1, 1000, 100_000]) {
      writeManyObjects(root, there, objects)
      there = objects
      tables.push(
        await compare({
          title: `Serving 1 KiB with ${objects} objects beside it`,
          root,
          kinds: LATCHKEYS,
          size: '1 KiB',
          rounds,
          seconds: 2,
        }),
      )
    }
    return tables
  })
}

/** 64 downloads of 100 MiB at once: what a server holds in memory meanwhile. */
export async function benchDownloadMemory() {
  return withFolder(async (root) => {
    writeObjects(root)
    /** @type {Table} */
    const table = {
      title: 'Memory at 64 downloads of 100 MiB at once',
      columns: ['', 'MiB before', 'MiB at most'],
      rows: [],
    }
    for (const name of Object.keys(hosts)) {
      const server = await startServer(name, root)
      try {
        const before = residentMebibytes(server.pid)
        const targets = server.targets['100 MiB'] ?? []
        const work = () =>
          load({ pid: server.pid, origin: server.origin, targets, connections: 64, seconds: 8 })
        const { peak } = await peakMemory(server.pid, work)
        table.rows.push({ name, values: [before, peak] })
      } finally {
        await server.stop()
      }
    }
    return [table]
  })
}
