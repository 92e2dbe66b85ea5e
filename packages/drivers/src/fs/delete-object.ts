import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Precondition } from '@latchkey/core'
import { assertDeletable } from '../precondition.js'
import { call, errnoOf, run } from './call.js'
import { assertStorable } from './object-path.js'
import { pruneFolders } from './prune.js'
import { occupant } from './publish.js'
import { statObject } from './read-object.js'
import { type Place, placeToWrite } from './resolve.js'
import { nameHash, removeSidecar } from './sidecar.js'
import { meansAbsent, storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { syncPath } from './sync-path.js'

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
const PIN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

/** Removes an object, and the folders that it leaves empty. */
export async function deleteObject(
  store: WriteStore,
  key: string,
  precondition?: Precondition,
): Promise<boolean> {
  assertStorable(key)
  try {
    const place = await existingPlace(store, key)
    if (place === null) {
      assertDeletable(precondition, null)
      return false
    }
    const hash = nameHash(place.name)
    return await store.locks.hold(hash, () => remove(store, key, place, hash, precondition))
  } catch (error) {
    throw storageError(error)
  }
}

async function remove(
  store: WriteStore,
  key: string,
  place: Place,
  hash: string,
  precondition: Precondition | undefined,
): Promise<boolean> {
  const file = await occupant(place).catch(absentAsNull)
  // What is not read as an object (a folder, a link out of the root) is not removed as one either.
  const current = file === null ? null : await statObject(store, key)
  assertDeletable(precondition, current)
  if (file === null || current === null) return false
  // Held open until its sidecar is gone: its inode number cannot come back before, in a new file of this key.
  const pin = file.isFile()
    ? await call<number>((done) => fs.open(place.path, PIN_FLAGS, done)).catch(() => null)
    : null
  try {
    await run((done) => fs.unlink(place.path, done))
    if (file.isFile()) await removeSidecar(store.workspace.meta, hash, file)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  } finally {
    if (pin !== null) await run((done) => fs.close(pin, done))
  }
  const folder = dirname(place.path)
  if (store.settings.fsync) await syncPath(folder)
  await pruneFolders(store.root, folder)
  return true
}

/** Where the object would be; `null` where the way to it leads out of the root or over a file. */
async function existingPlace(store: WriteStore, key: string): Promise<Place | null> {
  const place = await placeToWrite(store.root, key).catch((error) => {
    if (meansNoPlace(error)) return null
    throw error
  })
  // Nothing there: not worth a lock.
  return place !== null && (await occupant(place).catch(absentAsNull)) !== null ? place : null
}

function meansNoPlace(error: unknown): boolean {
  const code = errnoOf(error)
  return code === 'key_conflict' || code === 'invalid_key' || meansAbsent(error)
}

function absentAsNull(error: unknown): null {
  if (meansAbsent(error)) return null
  throw error
}
