import { fork } from 'node:child_process'
import { once } from 'node:events'

const PATIENCE_MS = 30_000

/** Another process that runs a program of this folder. */
export interface Program {
  /** What it said when it was ready. */
  readonly ready: unknown
  /** Sends a message and gives the answer. Rejects where the process ends before it. */
  ask<T>(message: unknown): Promise<T>
  /** A kill -9; resolves when the process is gone. */
  kill(): Promise<void>
}

/** Starts a script with a task, and waits for its word that it is ready: it reads and answers as `answer.ts` does. */
export async function runScript(
  script: string,
  task: unknown,
  execPath: string = process.execPath,
): Promise<Program> {
  const child = fork(script, [JSON.stringify(task)], {
    execPath,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${script} ended with ${signal ?? code}`)
  })
  gone.catch(() => {})
  const kill = async () => {
    child.kill('SIGKILL')
    await gone.catch(() => {})
  }
  const answers = new Map<number, (answer: unknown) => void>()
  let count = 0
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => answers.get(id)?.(answer))
  const answerTo = (id: number) =>
    Promise.race([gone, new Promise<unknown>((resolve) => answers.set(id, resolve))])
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const ready = await answerTo(0).finally(() => clearTimeout(late))
  return {
    ready,
    kill,
    ask<T>(message: unknown) {
      const id = ++count
      const answer = answerTo(id)
      child.send({ id, message }, () => {})
      return answer as Promise<T>
    },
  }
}
