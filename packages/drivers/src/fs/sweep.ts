import fs, { type Stats } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, run } from './call.js'
import { isDead, ownerIn } from './owner.js'
import type { WriteStore } from './store.js'
import { entriesOf, isOld, sweepShard } from './sweep-sidecars.js'

const SWEPT_MARK = 'swept'
const SIDECARS_EVERY_MS = 24 * 60 * 60 * 1000
const SHARD_PAUSE_MS = 50

/**
 * Removes the temporary files and locks of dead processes.
 *
 * The rule: what a process of this machine made (same boot, same process namespace) goes when that process is gone,
 * told by its number and its start time, and stays while it lives. What another machine or container made, or nobody
 * we know, goes when it has not been touched for `tempMaxAge`: an upload touches its file with every batch.
 */
export async function sweepLeftovers(store: WriteStore): Promise<void> {
  const { temp, locks } = store.workspace
  await sweepTemp(temp, store.settings.tempMaxAgeMs)
  for (const entry of await entriesOf(locks)) {
    if (await store.locks.breakIfDead(entry)) continue
    const path = join(locks, entry)
    if (await isOld(path, store.settings.tempMaxAgeMs)) await remove(path)
  }
}

/** Removes the temporary files in a folder by the same rule. */
export async function sweepTemp(temp: string, maxAgeMs: number): Promise<void> {
  for (const entry of await entriesOf(temp)) {
    const path = join(temp, entry)
    const owner = ownerIn(entry)
    const dead = owner === null ? undefined : await isDead(owner)
    if (dead ?? (await isOld(path, maxAgeMs))) await remove(path)
  }
}

/**
 * Looks through all sidecars, once a day at most among all processes, slowly, and without keeping the process from
 * ending: orphans cost room on the disk and nothing else.
 */
export async function sweepAllSidecars(store: WriteStore): Promise<void> {
  const mark = join(store.workspace.meta, SWEPT_MARK)
  if ((await exists(mark)) && !(await isOld(mark, SIDECARS_EVERY_MS))) return
  await run((done) => fs.writeFile(mark, '', { mode: store.settings.fileMode }, done))
  for (const shard of await entriesOf(store.workspace.meta)) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue
    await sweepShard(store, shard)
    await sleep(SHARD_PAUSE_MS, undefined, { ref: false })
  }
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
