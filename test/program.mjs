import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * A program of the machine that tests need.
 *
 * @typedef {object} Program
 * @property {string} name how people call it
 * @property {readonly string[]} commands its names, the one to prefer first; looked for in the path
 * @property {readonly string[]} [elsewhere] whole paths where it may be beside that
 * @property {string} [variable] the environment variable that names its path; no other is tried then
 * @property {readonly string[]} packages what brings it on Debian and Ubuntu
 * @property {Partial<Record<NodeJS.Platform, string>>} [howToInstall] the line that installs it on other systems
 */

/** @typedef {{ path: string } | { missing: string }} Found `missing` is the line that would install the program */

/**
 * Looks for a program: where its variable says, in the path, in the usual places.
 *
 * @param {Program} program
 * @returns {Found}
 */
export function findProgram(program) {
  const path = candidates(program).find(isExecutable)
  return path === undefined ? { missing: installLine(program) } : { path }
}

/**
 * As `findProgram`, but installs it where that needs no password: as root on Debian and Ubuntu.
 *
 * @param {Program} program
 * @returns {Promise<Found>}
 */
export async function ensureProgram(program) {
  const found = findProgram(program)
  if ('path' in found || pathGiven(program) !== undefined) return found
  if (!isRoot() || !existsSync('/usr/bin/apt-get')) return found
  console.log(`${program.name} is missing; installing ${program.packages.join(', ')}`)
  // In single-user mode no package starts a service of the system, which would be there long after the tests.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  for (const args of [['update'], aptInstall(program)]) {
    // Another run on this machine may be installing, too.
    const options = ['-q', '-o', 'DPkg::Lock::Timeout=300']
    const { status } = spawnSync('apt-get', [...options, ...args], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) return found
  }
  return findProgram(program)
}

/** Whether this process may do everything on the machine. */
export function isRoot() {
  return process.getuid?.() === 0
}

/** @param {Program} program */
function candidates(program) {
  const given = pathGiven(program)
  if (given !== undefined) return [given]
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const inPath = program.commands.flatMap((name) => folders.map((folder) => join(folder, name + suffix)))
  return [...inPath, ...(program.elsewhere ?? [])]
}

/** @param {Program} program */
function pathGiven({ variable }) {
  return variable === undefined ? undefined : process.env[variable] || undefined
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

/** @param {Program} program */
function aptInstall({ packages }) {
  return ['install', '-y', '--no-install-recommends', ...packages]
}

/** @param {Program} program */
function installLine(program) {
  const given = pathGiven(program)
  if (given !== undefined) return `${program.variable} names no program: ${given}`
  const apt = `sudo apt-get update && sudo apt-get ${aptInstall(program).join(' ')}`
  return program.howToInstall?.[process.platform] ?? apt
}
