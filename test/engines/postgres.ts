import { execFile, execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRoot } from '../program.mjs'
import { type Engine, startEngine } from './engine.js'
import { findPostgres } from './programs.mjs'

/** Options of `startPostgres`. */
export interface PostgresOptions {
  /** More settings of the server, e.g. `['fsync=off']`. */
  readonly settings?: readonly string[]
}

/**
 * Starts a PostgreSQL with one superuser, `postgres`, that needs no password. It loses nothing that it has confirmed, also
 * with a kill -9. Throws where there is no PostgreSQL.
 */
export async function startPostgres({ settings = [] }: PostgresOptions = {}): Promise<Engine> {
  const found = findPostgres()
  if ('missing' in found) throw new Error(`needs PostgreSQL: ${found.missing}`)
  const bin = dirname(realpathSync(found.path))
  // It refuses to run as root.
  const user = isRoot() ? { uid: idOf('-u'), gid: idOf('-g') } : undefined
  return startEngine({
    name: 'postgres',
    path: found.path,
    user,
    prepare(folder) {
      const args = ['-D', dataOf(folder), '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-locale', '-N']
      execFileSync(join(bin, 'initdb'), args, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    },
    args: (folder, port) => [
      ...['-D', dataOf(folder), '-p', String(port), '-k', folder],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-c', 'shared_buffers=16MB'],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    isReady: (port) =>
      new Promise((resolve) => {
        const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-t', '1', '-q']
        execFile(join(bin, 'pg_isready'), args, (error) => resolve(error === null))
      }),
    // After a kill -9 its segment of shared memory would stay until the machine starts anew.
    afterwards: `sed -n '7s/.* //p' data/postmaster.pid | xargs -r ipcrm -m`,
  })
}

function dataOf(folder: string): string {
  return join(folder, 'data')
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}
