import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpuSeconds, pinned } from '../program.mjs'

const run = promisify(execFile)

/** @typedef {{ requestsPerSecond: number, megabytesPerSecond: number, cpuMicros: number }} Load */

/**
 * Loads a server with GET requests for some seconds.
 *
 * @param {object} options
 * @param {number} options.pid of the server, whose CPU is counted
 * @param {string} options.origin
 * @param {readonly string[]} options.targets asked for in turn, so that no token comes again soon
 * @param {Record<string, string>} [options.headers]
 * @param {number} options.connections
 * @param {number} options.seconds
 * @returns {Promise<Load>}
 */
export async function load({ pid, origin, targets, headers = {}, connections, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const script = join(folder, 'targets.lua')
  writeFileSync(script, lua(targets, headers))
  try {
    const [file, ...args] = pinned(1, [
      'wrk',
      '--threads=1',
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      '--timeout=20s',
      `--script=${script}`,
      origin,
    ])
    const before = cpuSeconds(pid)
    const { stdout } = await run(file, args)
    const cpu = cpuSeconds(pid) - before
    return { ...parsed(stdout), cpuMicros: (cpu * 1e6) / Number(found(stdout, /requests=(\d+)/)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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

/** @param {string} output */
function parsed(output) {
  const requests = Number(found(output, /requests=(\d+)/))
  const seconds = Number(found(output, /micros=(\d+)/)) / 1e6
  const bad = Number(found(output, /bad=(\d+)/))
  if (requests === 0 || bad > 0) throw new Error(`${bad} of ${requests} replies were errors:\n${output}`)
  const bytes = Number(found(output, /bytes=(\d+)/))
  return { requestsPerSecond: requests / seconds, megabytesPerSecond: bytes / seconds / 1e6 }
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function found(text, pattern) {
  const match = pattern.exec(text)?.[1]
  if (match === undefined) throw new Error(`wrk did not say ${pattern}:\n${text}`)
  return match
}
