import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 60_000

/** A program that runs. */
export interface Program {
  /** The first match of the pattern that it waited for. */
  readonly match: RegExpExecArray
  /** All it has written so far. */
  output(): string
  /** Asks it to end, as Ctrl-C does, and waits until it has. */
  stop(): Promise<void>
}

/** Starts a Node program, and waits until it has written something that the pattern matches. */
export async function startProgram(
  file: string,
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<Program> {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = once(child, 'close')
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const match = ready.exec(output)
    if (match !== null) return { match, output: () => output, stop }
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`${file} did not get ready:\n${output}`)
    }
    await sleep(20)
  }

  async function stop(): Promise<void> {
    child.kill('SIGINT')
    const inTime = await Promise.race([ended, sleep(PATIENCE_MS, 'late' as const, { ref: false })])
    if (inTime !== 'late') return
    child.kill('SIGKILL')
    throw new Error(`${file} did not end when asked to`)
  }
}
