// Runs the program of an engine for the process that forked this one. It is a process of its own because it must
// outlive that: however a test run ends, also by a kill -9, the engine and its folder go.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { killTree, pauseTree, resumeTree } from './process-tree.mjs'

/**
 * @typedef {object} Task
 * @property {string} folder its own; removed at the end
 * @property {string} path
 * @property {string[]} args
 * @property {import('node:child_process').SpawnOptions} options
 * @property {string} [afterwards] a line for the shell, in the folder, before that is removed
 */

/** @type {Task} */
const task = JSON.parse(process.argv[2] ?? '')

/** @type {import('node:child_process').ChildProcess | undefined} */
let engine

const actions = {
  async start() {
    const log = openSync(join(task.folder, 'engine.log'), 'a')
    const started = spawn(task.path, task.args, {
      ...task.options,
      cwd: task.folder,
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    started.on('exit', (code, signal) => tell({ exited: String(signal ?? code) }))
    started.on('error', (error) => tell({ exited: error.message }))
    engine = started
  },
  async kill() {
    if (engine?.pid === undefined || engine.exitCode !== null || engine.signalCode !== null) return
    const exited = once(engine, 'exit')
    await Promise.all([killTree(engine.pid), exited])
  },
  async pause() {
    if (engine?.pid !== undefined) pauseTree(engine.pid)
  },
  async resume() {
    if (engine?.pid !== undefined) resumeTree(engine.pid)
  },
}

// A Ctrl+C at the test runner reaches this one by the channel that closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

process.on('message', async (/** @type {{ id: number, action: keyof typeof actions }} */ { id, action }) => {
  try {
    await actions[action]()
    tell({ id })
  } catch (error) {
    tell({ id, error: String(error) })
  }
})

process.on('disconnect', async () => {
  await actions.kill()
  if (task.afterwards !== undefined) spawnSync('sh', ['-c', task.afterwards], { cwd: task.folder })
  rmSync(task.folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
})

/** @param {object} message */
function tell(message) {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
