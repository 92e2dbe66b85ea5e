import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Engine, startEngine } from './engine.js'
import { freePort } from './free-port.js'
import { findRadosgw } from './programs.mjs'

const SCRIPT = fileURLToPath(new URL('../../examples/s3-redis/radosgw.sh', import.meta.url))

/**
 * Starts an S3 store. Throws where there is no radosgw. A restart begins with an empty store.
 */
export async function startRadosgw(): Promise<Engine> {
  const found = findRadosgw()
  if ('missing' in found) throw new Error(`needs radosgw: ${found.missing}`)
  const monitorPort = await freePort()
  return startEngine({
    name: 'radosgw',
    path: '/bin/bash',
    args: (folder, port) => [SCRIPT, folder, String(port), String(monitorPort), found.path],
    url: (port) => `http://127.0.0.1:${port}`,
    isReady,
  })
}

/** Kills the gateway alone. It comes back by itself within about a second. */
export function killGateway(engine: Engine): void {
  process.kill(Number(readFileSync(join(engine.folder, 'run/rgw.pid'), 'utf8')), 'SIGKILL')
}

/** Runs `radosgw-admin` on the store. */
export async function administer(engine: Engine, ...args: string[]): Promise<void> {
  const env = { ...process.env, CEPH_CONF: join(engine.folder, 'ceph.conf') }
  await promisify(execFile)('radosgw-admin', ['-n', 'client.rgw', ...args], { env })
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { ok } = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) })
    return ok
  } catch {
    return false
  }
}
