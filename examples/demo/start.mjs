import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WORKSPACE = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const INSTALLED = join(WORKSPACE, 'node_modules', '.installed-for-demo')
/** @type {import('node:child_process').SpawnSyncOptionsWithBufferEncoding} */
const HERE = { cwd: WORKSPACE, stdio: 'inherit' }
const PACKAGES = ['core', 'client', 'drivers', 'express']

requireNode()
install()
build()
await import('./server/main.js')

function requireNode() {
  if (Number.parseInt(process.versions.node, 10) >= 20) return
  console.error(`The demo needs Node 20 or later; this is ${process.version}.`)
  process.exit(1)
}

function install() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(WORKSPACE, 'pnpm-lock.yaml')))
    .digest('hex')
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lockfile) return
  console.log('Installing dependencies …')
  const shell = process.platform === 'win32'
  const pnpm = ['--yes', 'pnpm@12.21.0', 'install', '--frozen-lockfile']
  // With CI set pnpm asks nothing where it has to replace what is installed.
  requireSuccess(spawnSync('npx', pnpm, { ...HERE, shell, env: { ...process.env, CI: 'true' } }))
  writeFileSync(INSTALLED, lockfile)
}

function build() {
  requireSuccess(spawnSync(process.execPath, ['build.mjs', ...PACKAGES], HERE))
}

/** @param {import('node:child_process').SpawnSyncReturns<Buffer>} result */
function requireSuccess({ status, error }) {
  if (status === 0) return
  console.error(error?.message ?? 'The demo could not be prepared; see above.')
  process.exit(1)
}
