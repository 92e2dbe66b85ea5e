import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../../program.mjs'
import { withFolder } from '../folder.mjs'
import { cpuSeconds, pinned } from '../program.mjs'

const run = promisify(execFile)

/** What makes the load. */
export function findWrk() {
  return findProgram({
    name: 'wrk',
    variable: 'WRK_PATH',
    commands: ['wrk'],
    packages: ['wrk'],
    howToInstall: { darwin: 'brew install wrk' },
  })
}

/**
 * @typedef {object} Load
 * @property {number} requestsPerSecond
 * @property {number} megabytesPerSecond
 * @property {number} cpuMicros of all processes, for each request
 * @property {Record<string, number>} cpuMicrosOf each process by its role
 */

/**
 * Loads a server with GET requests for some seconds.
 *
 * @param {object} options
 * @param {Record<string, number>} options.pids of the server, whose CPU is counted
 * @param {string} options.origin
 * @param {readonly string[]} options.targets asked for in turn, so that no token comes again soon
 * @param {number} [options.bytes] of each reply, where few fit in the time: parts of one count, too
 * @param {Record<string, string>} [options.headers]
 * @param {number} options.connections
 * @param {number} options.seconds whole ones: wrk takes no others
 * @returns {Promise<Load>}
 */
export async function load({ pids, origin, targets, bytes, headers = {}, connections, seconds }) {
  const wrk = findWrk()
  if ('missing' in wrk) throw new Error(`needs wrk: ${wrk.missing}`)
  return withFolder(async (folder) => {
    const script = join(folder, 'targets.lua')
    writeFileSync(script, lua(targets, headers))
    const [file, ...args] = pinned(1, [
      wrk.path,
      '--threads=1',
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      '--timeout=20s',
      `--script=${script}`,
      origin,
    ])
    const before = cpuOf(pids)
    const { stdout } = await run(file, args)
    const after = cpuOf(pids)
    const counts = countsIn(stdout)
    const requests = bytes === undefined ? counts.requests : counts.bytes / bytes
    const cpuMicrosOf = Object.fromEntries(
      Object.keys(pids).map((role) => [role, (((after[role] ?? 0) - (before[role] ?? 0)) * 1e6) / requests]),
    )
    return {
      requestsPerSecond: requests / counts.seconds,
      megabytesPerSecond: counts.bytes / counts.seconds / 1e6,
      cpuMicros: Object.values(cpuMicrosOf).reduce((sum, each) => sum + each, 0),
      cpuMicrosOf,
    }
  })
}

/**
 * @param {Record<string, number>} pids
 * @returns {Record<string, number>}
 */
function cpuOf(pids) {
  return Object.fromEntries(Object.entries(pids).map(([role, pid]) => [role, cpuSeconds(pid)]))
}

/**
 * @param {readonly string[]} targets
 * @param {Record<string, string>} headers
 */
function lua(targets, headers) {
  const made = targets.map((target) => `wrk.format("GET", ${JSON.stringify(target)}, wrk.headers)`)
  return `
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  .join('\n')}
local at, requests = 0, {}
init = function() requests = { ${made.join(', ')} } end
request = function() at = at % #requests + 1 return requests[at] end
done = function(summary)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.timeout + errors.status
  print(string.format("\\nrequests=%d bytes=%d micros=%d bad=%d", summary.requests, summary.bytes, summary.duration, bad))
end
`
}

/**
 * What wrk counted, from the line that our script prints behind its own report.
 *
 * @param {string} output
 */
export function countsIn(output) {
  const line = /^requests=(\d+) bytes=(\d+) micros=(\d+) bad=(\d+)$/m.exec(output)
  if (line === null) throw new Error(`wrk did not say what it counted:\n${output}`)
  const [requests = 0, bytes = 0, micros = 0, bad = 0] = line.slice(1).map(Number)
  if (bytes === 0 || bad > 0) throw new Error(`${bad} of ${requests} replies were errors:\n${output}`)
  return { requests, bytes, seconds: micros / 1e6 }
}
