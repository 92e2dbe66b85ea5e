import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNginx } from '../engines/programs.mjs'
import { findWrk } from './serve/wrk.mjs'

const own = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/** What the figures were taken on: they travel to no other machine, only their ratios do. */
export function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // The kernel's version, without the name that a distribution gives its build.
    system: `${platform()} ${release().split('-')[0]} ${arch()}`,
  }
}

/**
 * The versions of what was measured against, and of what made the load.
 *
 * @returns {Record<string, string>}
 */
export function versions() {
  const names = Object.keys(own.devDependencies).filter((name) => !/^@(latchkey|types)\//.test(name))
  return {
    ...Object.fromEntries(names.map((name) => [name, versionOf(name)])),
    ...versionOfProgram('nginx', findNginx()),
    ...versionOfProgram('wrk', findWrk()),
  }
}

/**
 * @param {string} name
 * @param {import('../program.mjs').Found} found
 * @returns {Record<string, string>}
 */
function versionOfProgram(name, found) {
  if ('missing' in found) return {}
  const { stdout, stderr } = spawnSync(found.path, ['-v'], { encoding: 'utf8' })
  const version = /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0]
  return version === undefined ? {} : { [name]: version }
}

/** @param {string} name */
function versionOf(name) {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return String(JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version)
    } catch {
      // Not in this folder; the next one up may have it.
    }
  }
  throw new Error(
    `${name} is not installed; run npm test once, in ${fileURLToPath(new URL('../..', import.meta.url))}`,
  )
}
