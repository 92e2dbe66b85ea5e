import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Precondition } from '@latchkey/core'
import { assertDeletable } from '../precondition.js'
import { errnoOf, run } from './call.js'
import { assertStorable } from './object-path.js'
import { pruneFolders } from './prune.js'
import { occupant } from './publish.js'
import { statObject } from './read-object.js'
import { type Place, placeToWrite } from './resolve.js'
import { nameHash } from './sidecar.js'
import { meansAbsent, storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { removeOrphans } from './sweep-sidecars.js'
import { syncPath } from './sync-path.js'
import { removeSidecar } from './write-object.js'

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
    return await store.locks.hold(hash, async (recovered) => {
      if (recovered) await removeOrphans(store, hash)
      return remove(store, key, place, hash, precondition)
    })
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
  try {
    await run((done) => fs.unlink(place.path, done))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
  await removeSidecar(store, hash, file)
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
