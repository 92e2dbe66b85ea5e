import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureProgram, findProgram } from '../program.mjs'

/** @type {import('../program.mjs').Program} */
const REDIS = {
  name: 'Redis',
  variable: 'REDIS_PATH',
  // Debian's `redis-server` is a link to this checker: the program looks at the name by which it is called. Its
  // package, `redis-tools`, starts no service of the system.
  commands: ['redis-server', 'redis-check-rdb'],
  packages: ['redis-tools'],
  howToInstall: { darwin: 'brew install redis' },
}

/** @type {import('../program.mjs').Program} */
const POSTGRES = {
  name: 'PostgreSQL',
  variable: 'POSTGRES_PATH',
  commands: ['postgres'],
  elsewhere: debianPostgres(),
  packages: ['postgresql'],
  howToInstall: { darwin: 'brew install postgresql' },
}

/** @type {import('../program.mjs').Program} */
const NGINX = {
  name: 'nginx',
  variable: 'NGINX_PATH',
  commands: ['nginx'],
  elsewhere: ['/usr/sbin/nginx'],
  packages: ['nginx'],
  howToInstall: { darwin: 'brew install nginx' },
}

/** @type {import('../program.mjs').Program} */
const RADOSGW = {
  name: 'radosgw',
  variable: 'RADOSGW_PATH',
  commands: ['radosgw'],
  packages: ['radosgw', 'ceph-mon', 'ceph-osd'],
}

/** Every program that starts as a server of tests, for `npm test` to install. */
const ENGINES = [REDIS, POSTGRES, NGINX, RADOSGW]

/** Looks for Redis: in `REDIS_PATH`, in the path. */
export function findRedis() {
  return findProgram(REDIS)
}

/** Looks for PostgreSQL: in `POSTGRES_PATH`, in the path, where Debian has it. */
export function findPostgres() {
  return findProgram(POSTGRES)
}

/** Looks for nginx: in `NGINX_PATH`, in the path, where Debian has it. */
export function findNginx() {
  return findProgram(NGINX)
}

/** Looks for Ceph's S3 gateway: in `RADOSGW_PATH`, in the path. */
export function findRadosgw() {
  return findProgram(RADOSGW)
}

/** Looks for every engine, and installs it where that needs no password. */
export async function ensureEngines() {
  const found = []
  for (const engine of ENGINES) found.push(await ensureProgram(engine))
  return found
}

/** Debian keeps each version in a folder of its own, outside the path. */
function debianPostgres() {
  const root = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(root, version, 'bin/postgres'))
  } catch {
    return []
  }
}
