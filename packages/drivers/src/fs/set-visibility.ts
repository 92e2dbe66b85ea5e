import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError, type Visibility } from '@latchkey/core'
import { call, errnoOf, run } from './call.js'
import { foreignVersion, sameIdentity } from './identity.js'
import { assertStorable } from './object-path.js'
import { type OpenFile, openFile } from './open-file.js'
import { ownedName, ownOwner } from './owner.js'
import { occupant } from './publish.js'
import { nameHash, readSidecar, replaceSidecar, type Sidecar, sidecarPath } from './sidecar.js'
import { meansAbsent, storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'

// Each turn means that the object was replaced between the look and the lock.
const MAX_TURNS = 100

/** Makes an object public or private; `false` where there is none. */
export async function setVisibility(
  store: WriteStore,
  key: string,
  visibility: Visibility,
): Promise<boolean> {
  assertStorable(key)
  try {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      // Open all the while: its inode number cannot come back in another file, which would then have the sidecar.
      const opened = await openFile(store.root, key).catch(absentAsNull)
      if (opened === null) return false
      try {
        const hash = nameHash(opened.place.name)
        if (await store.locks.hold(hash, () => flip(store, hash, opened, visibility))) return true
      } finally {
        await run((done) => fs.close(opened.fd, done))
      }
    }
  } catch (error) {
    throw storageError(error)
  }
  throw new LatchkeyError(
    'storage_unavailable',
    `The object was replaced ${MAX_TURNS} times while it was looked up`,
  )
}

/** Under the lock; `false` where the file is not in its place any more. */
async function flip(
  store: WriteStore,
  hash: string,
  { place, fd }: OpenFile,
  visibility: Visibility,
): Promise<boolean> {
  const file = await call<BigIntStats>((done) => fs.fstat(fd, { bigint: true }, done))
  const there = await occupant(place).catch(absentAsNull)
  if (there === null || !sameIdentity(there, file)) return false
  const path = sidecarPath(store.workspace.meta, hash, file)
  const before = await readSidecar(path)
  // Nobody knows such a file for public.
  if (before === null && visibility === 'private') return true
  if (before?.visibility !== visibility) {
    const known = before ?? { name: place.name, version: foreignVersion(file) }
    await replaceSidecar(store, path, { ...known, visibility })
  }
  // Also where it was so already: who made it so may have died before this.
  try {
    await moveCtime(store, place.path, fd, file)
  } catch (error) {
    await putBack(store, path, before).catch(() => {})
    throw error
  }
  return true
}

/**
 * Makes every process that remembers the file's metadata read them again, as they are remembered under its ctime. Not
 * by `utimes`, which has no nanoseconds and would take the file's identity from it.
 */
async function moveCtime(store: WriteStore, path: string, fd: number, file: BigIntStats): Promise<void> {
  try {
    await run((done) => fs.fchmod(fd, Number(file.mode & 0o7777n), done))
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error
    // The file is another user's: that of a second name moves it, too.
    const second = join(store.workspace.temp, ownedName(await ownOwner()))
    await run((done) => fs.link(path, second, done))
    await run((done) => fs.unlink(second, done))
  }
}

async function putBack(store: WriteStore, path: string, before: Sidecar | null): Promise<void> {
  if (before === null) await run((done) => fs.unlink(path, done))
  else await replaceSidecar(store, path, before)
}

function absentAsNull(error: unknown): null {
  if (meansAbsent(error)) return null
  throw error
}
