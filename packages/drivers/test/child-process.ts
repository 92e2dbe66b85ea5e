import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import type { ChildTask } from './children/child.js'
import type { LibraryTask } from './children/library-child.js'
import type { UploadTask } from './children/upload-child.js'

interface Vite {
  build(options: object): Promise<unknown>
}

/** Makes the child's script before the tests of a file, as Node 20 runs no TypeScript. */
export function useChildScript(name = 'child'): () => string {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-child-'))
    // The Vite that Vitest itself runs on.
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('vitest/package.json'))
    const vite: Vite = await import(
      pathToFileURL(resolve('vite').replace(/index\.cjs$/, 'dist/node/index.js')).href
    )
    await vite.build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, resolve: { conditions: ['source'] } },
      build: {
        ssr: fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url)),
        outDir: folder,
        emptyOutDir: false,
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'child.mjs' } },
      },
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => join(folder, 'child.mjs')
}

/** Runs a task in a process of its own and gives the line that it prints. */
export function runChild<T>(
  script: string,
  task: ChildTask | LibraryTask | UploadTask,
  shell = 'exec "$0" "$@"',
): Promise<T> {
  return new Promise((resolve, reject) => {
    const args = ['-c', shell, process.execPath, script, JSON.stringify(task)]
    execFile('/bin/sh', args, { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`))
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null'))
    })
  })
}

/** Starts a task and waits for its first line. */
export async function startChild(
  script: string,
  task: ChildTask | LibraryTask | UploadTask,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('the child has no output')
  const lines = createInterface(child.stdout)
  await new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve())
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)))
  })
  return child
}

/** Ends a child as a crash would. */
export async function killChild(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
