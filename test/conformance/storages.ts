import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { memoryDriver } from '@latchkey/drivers/memory'
import type { CaseStorage } from '@latchkey/testkit'

/** Memory. What is left behind shows in the handles that the cases track themselves. */
export async function memoryStorage(): Promise<CaseStorage> {
  return { driver: memoryDriver(), leftovers: async () => [], close: async () => {} }
}

/** An empty folder. What counts as left behind are files of uploads that are over, locks, and open handles. */
export async function fsStorage(): Promise<CaseStorage> {
  const root = await mkdtemp(join(tmpdir(), 'latchkey-'))
  return {
    driver: fsDriver({ root }),
    leftovers: async () => [
      ...(await filesIn(join(root, '.latchkey', 'tmp'))),
      ...(await filesIn(join(root, '.latchkey', 'locks'))),
      ...(await handlesBelow(root)),
    ],
    close: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.map((name) => join(folder, name))
}

/** The open handles of this process below a folder; only Linux tells. */
async function handlesBelow(root: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  )
  return targets.filter((target) => target.startsWith(`${root}/`)).map((target) => `open handle of ${target}`)
}

/** The storages that the HTTP cases run over, by name. */
export const storages: Readonly<Record<string, () => Promise<CaseStorage>>> = {
  memory: memoryStorage,
  fs: fsStorage,
}
