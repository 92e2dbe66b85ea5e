import fs, { type BigIntStats } from 'node:fs'
import { dirname } from 'node:path'
import { existsError } from '../precondition.js'
import { call, errnoOf, run } from './call.js'
import { makeFolder } from './make-folder.js'
import { pruneFolders } from './prune.js'
import type { Place } from './resolve.js'
import { keyConflict } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { syncPath } from './sync-path.js'
import type { TempFile } from './temp-file.js'

// Each turn means that somebody pruned the folder between two calls.
const MAX_TURNS = 100

// What file systems without hard links answer. EPERM may also be a real refusal: the rename then fails as well.
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK', 'UNKNOWN'])

/** Runs a task under the lock of its object. */
export type Locked = (task: () => Promise<void>) => Promise<void>

/** What stands at a place, the link itself where it is one; `null` for nothing. */
export async function occupant(place: Place): Promise<BigIntStats | null> {
  try {
    return await lstat(place.path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Puts a finished file in its place by `how`, with the folders it needs. A failure leaves none that it made. */
export async function publishFile(
  store: WriteStore,
  temp: TempFile,
  place: Place,
  how: () => Promise<void>,
): Promise<void> {
  const folder = dirname(place.path)
  let madeFolder: string | undefined
  try {
    for (let turn = 1; ; turn++) {
      try {
        await how()
        break
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
        // ENOENT is also what a swept temporary file gives; making the folder would not help that.
        await lstat(temp.path)
        if (turn === MAX_TURNS) throw error
        madeFolder = (await makeFolder(store.root, folder, store.settings.folderMode)) ?? madeFolder
      }
    }
  } catch (error) {
    if (madeFolder !== undefined) await pruneFolders(store.root, folder)
    throw error
  }
  if (store.settings.fsync) await syncFolders(folder, madeFolder)
}

/** Replaces what is there. */
export async function renameInto(temp: TempFile, place: Place): Promise<void> {
  await run((done) => fs.rename(temp.path, place.path, done))
  temp.moved = true
}

/** Fails as `exists` where the place is taken, by whomever: a link never replaces. */
export async function linkInto(temp: TempFile, place: Place, locked: Locked): Promise<void> {
  try {
    await run((done) => fs.link(temp.path, place.path, done))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') {
      const [taken, own] = await Promise.all([occupant(place), lstat(temp.path)])
      // NFS: the first answer was lost, and the call that was sent again found its own link.
      if (taken?.ino === own.ino && own.nlink === 2n) return
      throw taken?.isDirectory() ? keyConflict(error) : existsError()
    }
    if (errno === undefined || !NO_LINKS.has(errno)) throw error
    await locked(() => renameIntoFree(temp, place))
  }
}

/** For file systems without links. The lock keeps other drivers out between the two calls. */
async function renameIntoFree(temp: TempFile, place: Place): Promise<void> {
  const taken = await occupant(place)
  if (taken !== null) throw taken.isDirectory() ? keyConflict() : existsError()
  await renameInto(temp, place)
}

/** Makes the entry durable, and those of the folders that were made for it. */
async function syncFolders(folder: string, madeFolder: string | undefined): Promise<void> {
  const top = madeFolder === undefined ? folder : dirname(madeFolder)
  for (let each = folder; ; each = dirname(each)) {
    await syncPath(each)
    if (each === top || each === dirname(each)) return
  }
}

function lstat(path: string): Promise<BigIntStats> {
  return call<BigIntStats>((done) => fs.lstat(path, { bigint: true }, done))
}
