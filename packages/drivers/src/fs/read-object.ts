import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError, type ObjectStat, type StoredObject } from '@latchkey/core'
import { call } from './call.js'
import { FileHandle } from './file-handle.js'
import { findSidecar } from './find-sidecar.js'
import { objectStat } from './identity.js'
import { isStorable } from './object-path.js'
import { openFile } from './open-file.js'
import { OpenVersion } from './open-version.js'
import { type Place, placeOf } from './resolve.js'
import { meansAbsent, storageError } from './storage-errors.js'
import type { ReadStore } from './store.js'

// Each turn means that the object was replaced within the microseconds between two calls.
const MAX_TURNS = 100

/** Opens the current version of an object. */
export function openObject(store: ReadStore, key: string): Promise<StoredObject | null> {
  const { root } = store
  return lookUp(key, async () => {
    const seenAt = Date.now()
    const opened = await openFile(store.root, key)
    if (opened === null) return null
    const { place, fd, file } = opened
    const known = store.cache.get(place.name, file)
    if (known !== undefined)
      return new OpenVersion(new FileHandle(fd), objectStat(file, known), { root, name: place.name })
    const handle = new FileHandle(fd)
    try {
      const sidecar = await findSidecar(store, place, file, seenAt)
      if (sidecar !== undefined)
        return new OpenVersion(handle, objectStat(file, sidecar), { root, name: place.name })
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
    return undefined
  })
}

/** The stat of the current version of an object. */
export function statObject(store: ReadStore, key: string): Promise<ObjectStat | null> {
  return lookUp(key, async () => {
    const seenAt = Date.now()
    const place = await existingPlace(store, key)
    if (place === null) return null
    const file = await call<BigIntStats>((done) => fs.lstat(place.path, { bigint: true }, done))
    if (!file.isFile()) return null
    const sidecar = await findSidecar(store, place, file, seenAt)
    return sidecar === undefined ? undefined : objectStat(file, sidecar)
  })
}

/** `turn` gives `undefined` where the object changed under it. */
async function lookUp<T>(key: string, turn: () => Promise<T | null | undefined>): Promise<T | null> {
  if (!isStorable(key)) return null
  try {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const found = await turn()
      if (found !== undefined) return found
    }
  } catch (error) {
    if (meansAbsent(error)) return null
    throw storageError(error)
  }
  throw new LatchkeyError(
    'storage_unavailable',
    `The object was replaced ${MAX_TURNS} times while it was looked up`,
  )
}

async function existingPlace(store: ReadStore, key: string): Promise<Place | null> {
  const path = join(store.root, key)
  return placeOf(store.root, await call<string>((done) => fs.realpath.native(path, done)))
}
