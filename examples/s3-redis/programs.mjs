import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'

/** @typedef {import('./service.mjs').Program} Program */

const HERE = fileURLToPath(new URL('.', import.meta.url))

/**
 * nginx in front of the apps, with `nginx.conf` filled in.
 *
 * @param {object} parts
 * @param {string} parts.folder
 * @param {string} parts.port
 * @param {readonly string[]} parts.apps host and port of each
 * @returns {Program}
 */
export function nginx({ folder, port, apps: [first = '', second = ''] }) {
  const path = findProgram('nginx')
  if (path === undefined) throw new Error('nginx is missing. Install it: sudo apt-get install nginx')
  const values = { PORT: `127.0.0.1:${port}`, APP_1: first, APP_2: second, FOLDER: folder }
  const file = join(folder, 'nginx.conf')
  const template = readFileSync(join(HERE, 'nginx.conf'), 'utf8')
  writeFileSync(
    file,
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`\${${name}}`, value), template),
  )
  return {
    name: 'nginx',
    path,
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    stopSignal: 'SIGQUIT',
    isReady: () => answers(`http://127.0.0.1:${port}/health`),
  }
}

/**
 * A Redis that has on the disk what it confirms.
 *
 * @param {{ folder: string, port: number }} parts
 * @returns {Program}
 */
export function redisServer({ folder, port }) {
  // Where Debian has `redis-tools` alone, its checker is the server when it is called so.
  const path = findProgram('redis-server') ?? findProgram('redis-check-rdb')
  if (path === undefined) {
    throw new Error('There is no Redis. Set REDIS_URL, or install one: sudo apt-get install redis-server')
  }
  return {
    name: 'redis-server',
    path,
    argv0: 'redis-server',
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
    ],
    log: join(folder, 'redis.log'),
    stopSignal: 'SIGTERM',
    isReady: () => isRedis(`redis://127.0.0.1:${port}`),
  }
}

/**
 * Ceph's S3 gateway over a store in memory: to try things out.
 *
 * @param {{ folder: string, port: number, monitorPort: number }} parts
 * @returns {Program}
 */
export function radosgw({ folder, port, monitorPort }) {
  const path = findProgram('radosgw')
  if (path === undefined || findProgram('ceph-osd') === undefined) {
    throw new Error('There is no S3 store. Set S3_BUCKET, and for another store than AWS S3_ENDPOINT')
  }
  const data = join(folder, 'store')
  mkdirSync(data)
  return {
    name: 'radosgw',
    path: '/bin/bash',
    args: [join(HERE, 'radosgw.sh'), data, String(port), String(monitorPort), path],
    log: join(folder, 'radosgw.log'),
    stopSignal: 'SIGKILL',
    isReady: () => answers(`http://127.0.0.1:${port}/`),
  }
}

/**
 * Whether an address answers without an error.
 *
 * @param {string} url
 */
export async function answers(url) {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(2000) })
  return ok
}

/**
 * Whether a Redis answers.
 *
 * @param {string} url
 */
export async function isRedis(url) {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 } })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.ping()) === 'PONG'
  } finally {
    client.destroy()
  }
}

/**
 * Ports of 127.0.0.1 that nothing listens on.
 *
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((listening) => server.once('listening', () => listening(undefined)))
      return server
    }),
  )
  return servers.map((server) => {
    const address = server.address()
    server.close()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
}

/** @param {string} name */
function findProgram(name) {
  // Where Debian has servers, which is not in everybody's path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
