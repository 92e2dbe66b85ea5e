import fs, { type BigIntStats } from 'node:fs'
import { join, sep } from 'node:path'
import { call, errnoOf, run } from './call.js'
import { identityText } from './identity.js'
import { nameHash, readSidecar } from './sidecar.js'
import { meansAbsent } from './storage-errors.js'
import type { WriteStore } from './store.js'

/** Removes the sidecars of one object whose version is gone. Its lock is held. */
export async function removeOrphans(store: WriteStore, hash: string): Promise<void> {
  const shard = join(store.workspace.meta, hash.slice(0, 2))
  for (const entry of await entriesOf(shard)) {
    if (!entry.startsWith(`${hash.slice(2)}.`)) continue
    const path = join(shard, entry)
    if (await isOrphan(store, path, hash)) await run((done) => fs.unlink(path, done)).catch(() => {})
  }
}

/**
 * Removes every sidecar of a folder whose version is gone: files may have been deleted or edited by other means. The
 * lock is only taken where there is something to remove, and the look repeated under it.
 */
export async function sweepShard(store: WriteStore, shard: string): Promise<void> {
  const folder = join(store.workspace.meta, shard)
  for (const entry of await entriesOf(folder)) {
    const hash = shard + (entry.split('.')[0] ?? '')
    if (!/^[0-9a-f]{64}$/.test(hash)) continue
    if (!(await isOrphan(store, join(folder, entry), hash))) continue
    await store.locks.hold(hash, () => removeOrphans(store, hash))
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

async function isOrphan(store: WriteStore, path: string, hash: string): Promise<boolean> {
  const sidecar = await readSidecar(path)
  // Half written, by one who died over it, or it is being written right now: under the lock it is the former.
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
