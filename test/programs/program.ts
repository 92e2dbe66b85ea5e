import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { type Program, runScript } from './run-script.js'

const OUTPUT = new URL('../.output/programs/', import.meta.url)

const built = new Map<string, Promise<string>>()

/** Starts a program of this folder by its name. */
export async function startProgram(name: string, task: unknown, execPath?: string): Promise<Program> {
  return runScript(await scriptOf(name), task, execPath)
}

/** Puts a program into one script, as Node 20 runs no TypeScript. What is not of this repository stays where it is. */
export function scriptOf(name: string): Promise<string> {
  const before = built.get(name)
  if (before !== undefined) return before
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
