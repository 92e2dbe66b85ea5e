import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { findProgram } from '../program.mjs'

const TICKS_PER_SECOND = 100
const PAGE = 4096

const TASKSET = findProgram({ name: 'taskset', commands: ['taskset'], packages: ['util-linux'] })

/**
 * A command with a core of its own, where there are two and `taskset` can give it one: server and load must not take
 * turns on the same one.
 *
 * @param {number} core
 * @param {readonly string[]} command
 * @returns {readonly [string, ...string[]]}
 */
export function pinned(core, command) {
  const canPin = process.platform === 'linux' && availableParallelism() >= 2 && 'path' in TASKSET
  const [first = '', ...rest] = canPin ? [TASKSET.path, '-c', String(core), ...command] : command
  return [first, ...rest]
}

/** @typedef {{ pid: number, ready: Record<string, unknown>, stop(): Promise<void> }} Program */

/**
 * Starts a server, and waits for the line of JSON by which it says that it is ready.
 *
 * @param {readonly string[]} command
 * @returns {Promise<Program>}
 */
export async function startProgram(command) {
  const [file, ...args] = pinned(0, command)
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    ended.then(() => {
      throw new Error(`${command.join(' ')} ended before it was ready`)
    }),
  ])
  return {
    pid: child.pid ?? 0,
    ready: JSON.parse(line),
    async stop() {
      kill()
      await ended
      process.off('exit', kill)
    },
  }
}

/**
 * Seconds of CPU that a process has used, and its children: they count where a server has workers.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  return [pid, ...children(pid)].map(ownCpuSeconds).reduce((sum, each) => sum + each, 0)
}

/** @param {number} pid */
function ownCpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold spaces, the state is the third field: utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** @param {number} pid */
function children(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

/**
 * Memory that a process holds, MiB.
 *
 * @param {number} pid
 */
export function residentMebibytes(pid) {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  return (pages * PAGE) / 2 ** 20
}

/**
 * The most memory that a process holds while something goes on, MiB.
 *
 * @template T
 * @param {number} pid
 * @param {() => Promise<T>} work
 * @returns {Promise<{ peak: number, result: T }>}
 */
export async function peakMemory(pid, work) {
  let peak = residentMebibytes(pid)
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMebibytes(pid))
  }, 20)
  try {
    return { result: await work(), peak }
  } finally {
    clearInterval(sampling)
  }
}
