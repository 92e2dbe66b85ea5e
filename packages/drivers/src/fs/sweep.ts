import fs, { type Stats } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, run } from './call.js'
import { isDead, ownerIn } from './owner.js'
import type { WriteStore } from './store.js'
import { entriesOf, removeOrphans, sweepShard } from './sweep-sidecars.js'

const SWEPT_MARK = 'swept'
const SIDECARS_EVERY_MS = 24 * 60 * 60 * 1000
const SHARD_PAUSE_MS = 50

/**
 * Removes what dead processes left: temporary files and locks, and the sidecars of an upload that died between its
 * sidecar and its file.
 *
 * The rule: what a process of this machine made (same boot, same process namespace) goes when that process is gone,
 * told by its number and its start time, and stays while it lives. What another machine or container made, or nobody
 * we know, goes when it has not been touched for `tempMaxAge`: an upload touches its file with every batch.
 */
export async function sweepLeftovers(store: WriteStore): Promise<void> {
  const { temp, locks } = store.workspace
  for (const entry of await entriesOf(temp)) {
    const path = join(temp, entry)
    if (await isLeftBehind(store, path, entry)) await remove(path)
  }
  for (const entry of await entriesOf(locks)) {
    const path = join(locks, entry)
    const hash = entry.replace(/\.break$/, '')
    const dead = hash === entry && (await store.locks.breakIfDead(hash))
    if (!dead && !(await isOld(path, store.settings.tempMaxAgeMs))) continue
    if (!dead) await remove(path)
    // Only who held this lock can have left a sidecar without its file.
    await store.locks.hold(hash, () => removeOrphans(store, hash))
  }
}

/**
 * Looks through all sidecars, once a day at most among all processes, slowly, and without keeping the process from
 * ending: orphans cost room on the disk and nothing else.
 */
export async function sweepAllSidecars(store: WriteStore): Promise<void> {
  const mark = join(store.workspace.meta, SWEPT_MARK)
  if (!(await isOld(mark, SIDECARS_EVERY_MS)) && (await exists(mark))) return
  await run((done) => fs.writeFile(mark, '', { mode: store.settings.fileMode }, done))
  for (const shard of await entriesOf(store.workspace.meta)) {
    if (shard === SWEPT_MARK) continue
    await sweepShard(store, shard)
    await sleep(SHARD_PAUSE_MS, undefined, { ref: false })
  }
}

async function isLeftBehind(store: WriteStore, path: string, entry: string): Promise<boolean> {
  const owner = ownerIn(entry)
  const dead = owner === null ? undefined : await isDead(owner)
  return dead ?? (await isOld(path, store.settings.tempMaxAgeMs))
}

async function isOld(path: string, ageMs: number): Promise<boolean> {
  const stats = await call<Stats>((done) => fs.lstat(path, done)).catch(() => null)
  return stats !== null && Date.now() - stats.mtimeMs > ageMs
}

async function exists(path: string): Promise<boolean> {
  return call<Stats>((done) => fs.lstat(path, done)).then(
    () => true,
    () => false,
  )
}

async function remove(path: string): Promise<void> {
  await run((done) => fs.unlink(path, done)).catch(() => {})
}
