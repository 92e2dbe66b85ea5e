import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './call.js'
import { ownedName, ownOwner } from './owner.js'
import type { WriteStore } from './store.js'
import { syncPath } from './sync-path.js'
import { writeFile } from './write-file.js'

/** Writes a small file so that it is there whole or not at all, replacing what is there. */
export async function writeFileAtomically(store: WriteStore, path: string, text: string): Promise<void> {
  const { fileMode, fsync } = store.settings
  const temp = join(store.workspace.temp, ownedName(await ownOwner()))
  try {
    await writeFile(temp, text, { flag: 'wx', mode: fileMode, fsync })
    await run((done) => fs.rename(temp, path, done))
  } catch (error) {
    await run((done) => fs.unlink(temp, done)).catch(() => {})
    throw error
  }
  if (fsync) await syncPath(dirname(path))
}
