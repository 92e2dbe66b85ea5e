import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/** What the figures were taken on: they travel to no other machine, only their ratios do. */
export function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
  }
}

/**
 * The installed versions of the packages that were measured against.
 *
 * @returns {Record<string, string>}
 */
export function versions() {
  const names = Object.keys(own.devDependencies).filter((name) => !/^@(latchkey|types)\//.test(name))
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
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
