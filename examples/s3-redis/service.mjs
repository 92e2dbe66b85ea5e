import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const PAUSE_MS = 500

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} path
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string>>} [env] beside those of this process
 * @property {string} [argv0] the name that it is called by
 * @property {string} [log] the file that gets what it writes; default: written here
 * @property {NodeJS.Signals} stopSignal asks it to finish what is under way and to end
 * @property {() => Promise<boolean>} isReady
 * @property {(pid: number) => void} [onReady] called after each start
 */

/** A program that is started again when it ends. */
export class Service {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process
  #stopping = false
  #program

  /** @param {Program} program */
  constructor(program) {
    this.#program = program
  }

  /** Resolves when it is ready. From then on it is started again whenever it ends. */
  async start() {
    const { name, isReady, onReady } = this.#program
    const started = this.#spawn()
    /** @type {string | undefined} */
    let ended
    started.once('error', (error) => {
      ended = error.message
    })
    started.once('exit', (code, signal) => {
      ended = String(signal ?? code)
    })
    const deadline = Date.now() + PATIENCE_MS
    while (!(await isReady().catch(() => false)) || ended !== undefined) {
      if (this.#stopping) return
      if (ended !== undefined || Date.now() > deadline) {
        throw new Error(`${name} does not start: ${ended ?? 'no answer'}${this.#logged()}`)
      }
      await sleep(50)
    }
    onReady?.(started.pid ?? 0)
    started.once('exit', (code, signal) => void this.#startAgain(String(signal ?? code)))
  }

  /** Asks it to end, and kills it and its children where it does not in time. */
  async stop() {
    this.#stopping = true
    const running = this.#process
    if (running?.pid === undefined) return
    if (running.exitCode === null && running.signalCode === null) {
      const exited = once(running, 'exit')
      running.kill(this.#program.stopSignal)
      await Promise.race([exited, sleep(PATIENCE_MS / 2, undefined, { ref: false })])
    }
    this.kill()
  }

  /** Kills it and its children. */
  kill() {
    this.#stopping = true
    try {
      if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL')
    } catch {
      // All are gone.
    }
  }

  #spawn() {
    const { path, args, env, argv0, log } = this.#program
    const output = log === undefined ? 'inherit' : openSync(log, 'a')
    // In a group of its own: a Ctrl+C is for this process, which ends the others in their order.
    const options = { env: { ...process.env, ...env }, detached: true, ...(argv0 !== undefined && { argv0 }) }
    this.#process = spawn(path, args, { ...options, stdio: ['ignore', output, output] })
    return this.#process
  }

  /** @param {string} reason */
  async #startAgain(reason) {
    if (this.#stopping) return
    console.log(`${this.#program.name} ended (${reason}) and is started again`)
    while (!this.#stopping) {
      await sleep(PAUSE_MS)
      if (this.#stopping) return
      try {
        await this.start()
        return
      } catch (error) {
        console.error(error instanceof Error ? error.message : error)
      }
    }
  }

  #logged() {
    const { log } = this.#program
    return log === undefined ? '' : `\n${readFileSync(log, 'utf8').slice(-2000)}`
  }
}
