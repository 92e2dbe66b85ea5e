import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const PATIENCE_MS = 30_000
const OUTPUT = new URL('../.output/programs/', import.meta.url)

/** Another process that runs a program of this folder. */
export interface Program {
  readonly child: ChildProcess
  /** What it said when it was ready. */
  readonly ready: unknown
  /** Sends a message and gives the answer. Rejects where the process ends before it. */
  ask<T>(message: unknown): Promise<T>
  /** A kill -9; resolves when the process is gone. */
  kill(): Promise<void>
}

const built = new Map<string, Promise<string>>()

/**
 * Starts a program of this folder by its name, and waits for its word that it is ready. The program sees its argument by
 * `readTask`, and answers by `answerAll`.
 */
export async function startProgram(
  name: string,
  task: unknown,
  execPath: string = process.execPath,
): Promise<Program> {
  const script = await (built.get(name) ?? build(name))
  const child = fork(script, [JSON.stringify(task)], {
    execPath,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${name} ended with ${signal ?? code}`)
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
    child,
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

/** Puts a program into one script, as Node 20 runs no TypeScript. What is not of this repository stays where it is. */
function build(name: string): Promise<string> {
  const script = (async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
      platform: 'node',
      resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
      plugins: [
        {
          name: 'others',
          async resolveId(id, importer) {
            if (id.startsWith('node:')) return { id, external: true }
            const found = await this.resolve(id, importer, { skipSelf: true })
            return found?.id.includes('node_modules') ? { id: found.id, external: 'absolute' } : found
          },
        },
      ],
    })
    try {
      const file = `${name}-${process.pid}.mjs`
      await bundle.write({ dir: fileURLToPath(OUTPUT), entryFileNames: file, format: 'es' })
      return fileURLToPath(new URL(file, OUTPUT))
    } finally {
      await bundle.close()
    }
  })()
  built.set(name, script)
  return script
}
