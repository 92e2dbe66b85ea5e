import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

// All that a process started, directly or not, is meant. Process groups would not do: each child of PostgreSQL leads a
// group of its own.

/** @param {number} root */
export function pauseTree(root) {
  const paused = new Set()
  // Looked at again until there is nothing new: what was not yet stopped may have started something.
  for (let found = treeOf(root); found.length > 0; found = treeOf(root).filter((pid) => !paused.has(pid))) {
    for (const pid of found) {
      send(pid, 'SIGSTOP')
      paused.add(pid)
    }
  }
  return [...paused]
}

/** @param {number} root */
export function resumeTree(root) {
  for (const pid of treeOf(root)) send(pid, 'SIGCONT')
}

/**
 * A kill -9 of all of them, as one blow: none of them sees another one die. Resolves when they are gone.
 *
 * @param {number} root
 */
export async function killTree(root) {
  const pids = pauseTree(root)
  for (const pid of pids) send(pid, 'SIGKILL')
  while (pids.some(isAlive)) await sleep(5)
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** @param {number} root */
function treeOf(root) {
  const processes = listProcesses()
  const tree = processes.has(root) ? [root] : []
  // Grows while it is walked.
  for (const parent of tree) {
    for (const [pid, each] of processes) if (each.parent === parent) tree.push(pid)
  }
  return tree
}

/** One that has ended stays listed until its parent has asked how. */
function isAlive(pid) {
  const found = listProcesses().get(pid)
  return found !== undefined && !found.state.startsWith('Z')
}

/** @returns {Map<number, { parent: number, state: string }>} */
function listProcesses() {
  // A bare Debian has no `ps`.
  return process.platform === 'linux' ? readProc() : askPs()
}

function readProc() {
  const processes = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // "pid (name) state parent": the name may hold spaces and brackets.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      processes.set(Number(name), { parent: Number(parent), state })
    } catch {
      // It has ended meanwhile.
    }
  }
  return processes
}

function askPs() {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' })
  const processes = new Map()
  for (const line of stdout.trim().split('\n')) {
    const [pid, parent, state] = line.trim().split(/\s+/)
    processes.set(Number(pid), { parent: Number(parent), state })
  }
  return processes
}
