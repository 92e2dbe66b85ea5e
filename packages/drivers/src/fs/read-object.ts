import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError, type ObjectStat, type StoredFile, type StoredObject } from '@latchkey/core'
import { call } from './call.js'
import { downloadChunks } from './download-chunks.js'
import { FileHandle } from './file-handle.js'
import { findSidecar } from './find-sidecar.js'
import { objectStat } from './identity.js'
import { SMALL_BYTES } from './known-objects.js'
import { isStorable } from './object-path.js'
import { openFile } from './open-file.js'
import { OpenVersion } from './open-version.js'
import { type Place, placeOf } from './resolve.js'
import { SmallVersion } from './small-version.js'
import { meansAbsent, storageError } from './storage-errors.js'
import type { ReadStore } from './store.js'

// Each turn means that the object was replaced within the microseconds between two calls.
const MAX_TURNS = 100

/** Opens the current version of an object. */
export function openObject(store: ReadStore, key: string): Promise<StoredObject | null> {
  return lookUp(key, async () => {
    if (store.known.get(key)?.bytes !== undefined) {
      const known = await store.looks.current(key)
      if (known?.bytes !== undefined)
        return new SmallVersion(known.stat, storedFile(store, known.place), known.bytes)
    }
    // Counted from here on, so that of many downloads that begin at once none takes a large chunk.
    downloadChunks.begin()
    try {
      return (await leaseVersion(store, key)) ?? (await openVersion(store, key))
    } finally {
      downloadChunks.end()
    }
  })
}

/** The version whose file is open still; `undefined` where there is none, or it is the current one no longer. */
async function leaseVersion(store: ReadStore, key: string): Promise<OpenVersion | undefined> {
  const candidate = store.known.get(key)
  if (candidate === undefined || !store.held.has(candidate)) return undefined
  const known = await store.looks.current(key)
  const file = known && store.held.lease(known)
  return file && new OpenVersion(file, known.stat, storedFile(store, known.place))
}

/** `undefined` where the object was replaced in the meantime. */
async function openVersion(store: ReadStore, key: string): Promise<OpenVersion | null | undefined> {
  const seenAt = Date.now()
  const opened = await openFile(store.root, key)
  if (opened === null) return null
  const { place, fd, file } = opened
  const handle = new FileHandle(fd)
  const lease = handle.lease()
  const sidecar = store.cache.get(place.name, file)
  if (sidecar !== undefined) {
    const stat = objectStat(file, sidecar)
    // As below, what is asked for a second time.
    if (stat.size > SMALL_BYTES && store.known.takes(file, 0)) {
      const object = { file, stat, place, bytes: undefined, placeSeenAt: seenAt }
      // First, as what is known may be forgotten at once, and lets its file go then.
      store.held.hold(object, handle)
      store.known.set(key, object)
    }
    return new OpenVersion(lease, stat, storedFile(store, place), (bytes) => {
      // What is asked for a second time, as else each file of a large store would drive out another.
      if (!store.known.takes(file, bytes.byteLength)) return
      const kept = Buffer.allocUnsafeSlow(bytes.byteLength)
      kept.set(bytes)
      store.known.set(key, { file, stat, place, bytes: kept, placeSeenAt: seenAt })
    })
  }
  try {
    const found = await findSidecar(store, place, file, seenAt)
    if (found !== undefined) return new OpenVersion(lease, objectStat(file, found), storedFile(store, place))
  } catch (error) {
    await lease.close()
    throw error
  }
  await lease.close()
  return undefined
}

function storedFile({ root }: ReadStore, { name }: Place): StoredFile {
  return { root, name }
}

/** The stat of the current version of an object. */
export function statObject(store: ReadStore, key: string): Promise<ObjectStat | null> {
  return lookUp(key, async () => {
    const known = await store.looks.current(key)
    if (known !== undefined) return known.stat
    const seenAt = Date.now()
    const place = await existingPlace(store, key)
    if (place === null) return null
    const file = await call<BigIntStats>((done) => fs.lstat(place.path, { bigint: true }, done))
    if (!file.isFile()) return null
    const cached = store.cache.get(place.name, file)
    if (cached !== undefined) {
      const stat = objectStat(file, cached)
      // What is asked for a second time, as below.
      if (store.known.takes(file, 0))
        store.known.set(key, { file, stat, place, bytes: undefined, placeSeenAt: seenAt })
      return stat
    }
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
