import { type ChildProcess, fork, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.js'

const GUARD = fileURLToPath(new URL('guard.mjs', import.meta.url))
const PATIENCE_MS = 30_000

/** A real server, for the tests that started it alone. All of it is gone when they end, however they end. */
export interface Engine {
  readonly url: string
  readonly port: number
  /** Its data; owned by the user that it runs as. */
  readonly folder: string
  /** A kill -9 of all its processes. */
  kill(): Promise<void>
  /** Starts it again on the same port and data; kills it first where it runs. */
  restart(): Promise<void>
  /** Freezes it: it takes connections, or the system does for it, and answers nothing. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** How a program becomes an engine. */
export interface EngineProgram {
  readonly name: string
  readonly path: string
  /** Whom it runs as, where it refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** The name that it is called by; default its path. */
  readonly argv0?: string
  /** Fills its empty folder, once. */
  prepare?(folder: string, port: number): void
  args(folder: string, port: number): string[]
  url(port: number): string
  /** Whether it answers. */
  isReady(port: number): Promise<boolean>
  /** A line for the shell, run in its folder when it is over. */
  readonly afterwards?: string
}

/** Starts a program on a free port of 127.0.0.1, with a folder of its own, and waits until it answers. */
export async function startEngine(program: EngineProgram): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${program.name}-`))
  const port = await freePort()
  try {
    if (program.user !== undefined) chownSync(folder, program.user.uid, program.user.gid)
    program.prepare?.(folder, port)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const guard = new Guard({
    folder,
    path: program.path,
    args: program.args(folder, port),
    options: { argv0: program.argv0, ...program.user },
    afterwards: program.afterwards,
  })
  const restart = async () => {
    await guard.act('kill')
    await guard.act('start')
    const deadline = Date.now() + PATIENCE_MS
    while (!(await program.isReady(port))) {
      if (guard.exited === undefined && Date.now() < deadline) await sleep(20)
      else throw new Error(`${program.name} does not start: ${guard.exited}\n${logOf(folder)}`)
    }
  }
  try {
    await restart()
  } catch (error) {
    await guard.end()
    throw error
  }
  return {
    url: program.url(port),
    port,
    folder,
    restart,
    kill: () => guard.act('kill'),
    pause: () => guard.act('pause'),
    resume: () => guard.act('resume'),
    stop: () => guard.end(),
  }
}

interface Task {
  readonly folder: string
  readonly path: string
  readonly args: readonly string[]
  readonly options: SpawnOptions
  readonly afterwards: string | undefined
}

/** What the guard says: that an action is done, or that the program has ended. */
interface Told {
  readonly id?: number
  readonly error?: string
  readonly exited?: string
}

/** The process that holds the engine. */
class Guard {
  /** How the program ended, since its last start. */
  exited: string | undefined
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (told: Told) => void>()
  #asked = 0

  constructor(task: Task) {
    // In a session of its own, out of reach of a Ctrl+C.
    const { NODE_OPTIONS: _, ...env } = process.env
    const options = {
      detached: true,
      execArgv: [],
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as const,
    }
    this.#process = fork(GUARD, [JSON.stringify(task)], { ...options, stdio: [...options.stdio] })
    this.#process.on('message', (told: Told) => {
      if (told.exited !== undefined) this.exited = told.exited
      if (told.id !== undefined) this.#waiting.get(told.id)?.(told)
    })
    // A test file that forgets to stop its engine must end all the same; the engine ends with it.
    this.#process.unref()
    this.#process.channel?.unref()
  }

  async act(action: 'start' | 'kill' | 'pause' | 'resume'): Promise<void> {
    const id = this.#asked++
    if (action === 'start') this.exited = undefined
    this.#process.channel?.ref()
    const told = await new Promise<Told>((resolve, reject) => {
      this.#waiting.set(id, resolve)
      this.#process.send({ id, action }, (error) => error && reject(error))
    })
    this.#process.channel?.unref()
    this.#waiting.delete(id)
    if (told.error !== undefined) throw new Error(told.error)
  }

  async end(): Promise<void> {
    if (!this.#process.connected) return
    const exited = once(this.#process, 'exit')
    this.#process.ref()
    this.#process.disconnect()
    await exited
  }
}

function logOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'engine.log'), 'utf8')
  } catch {
    return 'no log'
  }
}
