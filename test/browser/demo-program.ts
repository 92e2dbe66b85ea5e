import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../examples/testing/free-port.js'
import { type Program, startProgram } from '../../examples/testing/start-program.js'

const DEMO = fileURLToPath(new URL('../../examples/demo/server/main.js', import.meta.url))
const READY = /Latchkey demo +(?<url>http:\S+)/

/** The demo, over a data folder of its own. */
export interface Demo {
  readonly url: string
  /** Ends the process and starts another one in its place. */
  restart(): Promise<void>
  /** What its storage holds, uploads under way and their parts included. */
  stored(): Promise<string[]>
  /** A file, as it is on the disk. */
  read(name: string): Promise<Buffer>
  close(): Promise<void>
}

/** Starts the real demo on a free port. */
export async function startDemo(): Promise<Demo> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'))
  const port = await freePort()
  // Empty is as good as absent: what the machine has set must not decide.
  const env = { PORT: String(port), HOST: '', LATCHKEY_SECRET: '', DATA_DIR: dataFolder }
  let program: Program = await startProgram(DEMO, env, READY)
  const url = program.match.groups?.url ?? ''

  return {
    url,
    async restart() {
      await program.stop()
      program = await startProgram(DEMO, env, READY)
    },
    async stored() {
      const root = join(dataFolder, 'files')
      const names = (await readdir(root)).filter((name) => name !== '.latchkey')
      const partial = await Promise.all(
        ['tmp', 'uploads'].map(async (folder) => {
          const inside = await readdir(join(root, '.latchkey', folder), { recursive: true }).catch(() => [])
          return inside.map((name) => `.latchkey/${folder}/${name}`)
        }),
      )
      return [...names, ...partial.flat()]
    },
    read: (name) => readFile(join(dataFolder, 'files', name)),
    async close() {
      await program.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
