import { connect } from 'node:net'
import { type Engine, startEngine } from './engine.js'
import { findRedis } from './programs.mjs'

/** Options of `startRedis`. */
export interface RedisOptions {
  /** More settings of the server, e.g. `['--cluster-enabled', 'yes']`. */
  readonly settings?: readonly string[]
}

/** Starts a Redis that loses no write that it has confirmed, also with a kill -9. Throws where there is no Redis. */
export async function startRedis({ settings = [] }: RedisOptions = {}): Promise<Engine> {
  const found = findRedis()
  if ('missing' in found) throw new Error(`needs Redis: ${found.missing}`)
  return startEngine({
    name: 'redis',
    path: found.path,
    argv0: 'redis-server',
    args: (folder, port) => [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--daemonize', 'no'],
      ...settings,
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    isReady,
  })
}

/** While it loads its data it answers with an error. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
    const end = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.on('connect', () => socket.write('PING\r\n'))
    // With a password set it wants that first; then it is up.
    socket.on('data', (bytes) => end(/^(\+PONG|-NOAUTH)/.test(bytes.toString('latin1'))))
    socket.on('timeout', () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
}
