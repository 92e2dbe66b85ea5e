import fs, { type BigIntStats, type Stats } from 'node:fs'
import { join, sep } from 'node:path'
import { call, errnoOf, run } from './call.js'
import { identityText } from './identity.js'
import { nameHash, readSidecar } from './sidecar.js'
import { meansAbsent } from './storage-errors.js'
import type { WriteStore } from './store.js'

/**
 * Removes the sidecars of a folder whose version is gone: a process may have died between the two, and files may have
 * been deleted or edited by other means. Young ones are left alone, as a sidecar is there before its file is.
 */
export async function sweepShard(store: WriteStore, shard: string): Promise<void> {
  const folder = join(store.workspace.meta, shard)
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry)
    if (!(await isOld(path, store.settings.tempMaxAgeMs))) continue
    if (await isOrphan(store, path, shard + (entry.split('.')[0] ?? ''))) {
      await run((done) => fs.unlink(path, done)).catch(() => {})
    }
  }
}

/** The names in a folder; none where it is missing. */
export async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await call<string[]>((done) => fs.readdir(folder, done))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Whether something is there and has not been touched for so long. */
export async function isOld(path: string, ageMs: number): Promise<boolean> {
  const stats = await call<Stats>((done) => fs.lstat(path, done)).catch(() => null)
  return stats !== null && Date.now() - stats.mtimeMs > ageMs
}

async function isOrphan(store: WriteStore, path: string, hash: string): Promise<boolean> {
  const sidecar = await readSidecar(path)
  // Half written, by one who died over it.
  if (sidecar === null || nameHash(sidecar.name) !== hash) return true
  const target = join(store.root, ...sidecar.name.split('/'))
  try {
    const file = await call<BigIntStats>((done) => fs.lstat(target, { bigint: true }, done))
    return !path.endsWith(`${sep}${hash.slice(2)}.${identityText(file)}`)
  } catch (error) {
    if (meansAbsent(error)) return true
    throw error
  }
}
