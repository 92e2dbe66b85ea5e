import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnv } from './workshop.js'

const PATIENCE_MS = 15_000

/** An example that runs in a process of its own. */
export interface ExampleApp {
  readonly origin: string
  /** What it has printed so far. */
  output(): string
  /** Ends it, and what it started. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Starts a shell script that starts a server on `PORT`, and waits until that listens. */
export async function startApp(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ExampleApp> {
  const port = await freePort()
  // A group of its own, so that the server behind the shell is ended, too.
  const child = spawn('bash', ['--norc', '-euc', script], {
    cwd,
    env: cleanEnv({ ...env, PORT: String(port) }),
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const stop = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => end(child, signal)
  const deadline = Date.now() + PATIENCE_MS
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`The example does not listen:\n${output}`)
    }
    await sleep(50)
  }
  return { origin: `http://localhost:${port}`, output: () => output, stop }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, signal)
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
