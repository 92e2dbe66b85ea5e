import { interleave, median, spread } from '../interleave.mjs'
import { FROM_DISK, IN_TURN, NEED_NGINX, SECURE_LINK, startServing } from './contenders.mjs'
import { groupsOf } from './groups.mjs'
import { PEER_OF, WEB_STREAMS } from './hosts.mjs'
import { OBJECTS } from './objects.mjs'
import { probed } from './probe.mjs'
import { load } from './wrk.mjs'

/** Objects from here on are counted by their bytes: of the largest only some come whole in the time. */
const COUNTED_BY_BYTES = 2 ** 20

/**
 * @typedef {import('./contenders.mjs').Serving} Serving
 * @typedef {import('./wrk.mjs').Load} Load
 */

/**
 * What each request is, and how many at once.
 *
 * @typedef {object} Requests
 * @property {import('./objects.mjs').Size} size
 * @property {number} connections
 * @property {number} warmUpSeconds
 * @property {number} seconds
 * @property {{ status: 200 | 206 | 304, length: number }} [answer] default the whole object
 * @property {Record<string, string>} [headers]
 * @property {boolean} [revalidates] whether each has what the first reply told of the version
 */

/**
 * Every server with the same requests, in turn.
 *
 * @param {{ title: string, root: string, names: readonly string[], rounds: number, requests: Requests }} options
 */
export async function compare({ title, root, names, rounds, requests }) {
  /** @type {Map<string, Serving>} */
  const servers = new Map()
  /** @type {string[]} */
  const notes = []
  /** @type {Map<string, ReturnType<typeof loading>>} */
  const able = new Map()
  try {
    for (const name of names) {
      const server = await startServing(name, root).catch((error) => {
        if (!NEED_NGINX.includes(name)) throw error
        notes.push(`${name} is left out: ${error.message.trim()}`)
      })
      if (server === undefined) continue
      servers.set(name, server)
      const { headers, otherwise } = await probed(server, requests)
      if (otherwise !== undefined) notes.push(`${name} is left out: ${otherwise}`)
      else able.set(name, loading(server, { ...requests, headers }))
    }
    const loads = await measured(able, {
      warmUps: warmUpsOf(requests),
      rounds,
      groups: groupsOf([...able.keys()]),
    })
    return { title, columns: COLUMNS, rows: rowsOf(loads), notes, loads }
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}

/**
 * Loads in turn, group by group. The first rounds warm up, and do not count; they are as short as the others, as one long load
 * would let the others idle.
 *
 * @param {ReadonlyMap<string, ReturnType<typeof loading>>} loads
 * @param {{ warmUps: number, rounds: number, groups?: readonly (readonly string[])[] }} options default: one group
 */
export async function measured(loads, { warmUps, rounds, groups = [[...loads.keys()]] }) {
  /** @type {Map<string, Load[]>} */
  const counted = new Map([...loads.keys()].map((name) => [name, []]))
  for (const group of groups) {
    const all = await interleave(group, warmUps + rounds, (name) => {
      const load = loads.get(name)
      if (load === undefined) throw new Error(`there is no ${name}`)
      return load()
    })
    for (const [name, values] of all) counted.get(name)?.push(...values.slice(warmUps))
  }
  return counted
}

/**
 * How many loads a server needs that do not count.
 *
 * @param {Pick<Requests, 'warmUpSeconds' | 'seconds'>} requests
 */
export function warmUpsOf({ warmUpSeconds, seconds }) {
  return Math.ceil(warmUpSeconds / seconds)
}

/**
 * @param {Serving} server
 * @param {Requests & { targets?: readonly string[] }} requests
 */
export function loading(server, { size, connections, seconds, answer, headers, targets }) {
  const length = answer?.length ?? OBJECTS[size]
  return () =>
    load({
      pids: server.pids,
      origin: server.origin,
      targets: targets ?? server.targets[size] ?? [],
      connections,
      seconds,
      ...(length >= COUNTED_BY_BYTES && { bytes: length }),
      ...(headers !== undefined && { headers }),
    })
}

const COLUMNS = [
  '',
  'requests/s',
  '± %',
  'MB/s',
  'CPU µs/request',
  'CPU ± %',
  'to its peer',
  'to its peer, CPU',
  `to ${SECURE_LINK}`,
  `to ${SECURE_LINK}, CPU`,
]

/** @type {Readonly<Record<string, string>>} */
const PEERS = {
  ...PEER_OF,
  [FROM_DISK]: PEER_OF['latchkey on fastify'],
  [IN_TURN]: PEER_OF['latchkey on fastify'],
  [WEB_STREAMS]: PEER_OF['latchkey on hono'],
}

/** @param {ReadonlyMap<string, readonly Load[]>} loads */
function rowsOf(loads) {
  const medians = new Map([...loads].map(([name, values]) => [name, mediansOf(values)]))
  const nginx = medians.get(SECURE_LINK)
  return [...medians].map(([name, own]) => {
    const peer = medians.get(PEERS[name] ?? '')
    const against = name === SECURE_LINK ? undefined : nginx
    return {
      name,
      values: [
        own.rate,
        own.rateSpread,
        own.megabytes,
        own.cpu,
        own.cpuSpread,
        peer && own.rate / peer.rate,
        peer && peer.cpu / own.cpu,
        against && own.rate / against.rate,
        against && against.cpu / own.cpu,
      ],
    }
  })
}

/** @param {readonly Load[]} loads */
export function mediansOf(loads) {
  const rates = loads.map(({ requestsPerSecond }) => requestsPerSecond)
  const cpus = loads.map(({ cpuMicros }) => cpuMicros)
  return {
    rate: median(rates),
    rateSpread: spread(rates),
    megabytes: median(loads.map(({ megabytesPerSecond }) => megabytesPerSecond)),
    cpu: median(cpus),
    cpuSpread: spread(cpus),
  }
}
