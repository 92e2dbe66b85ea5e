import { randomBytes } from 'node:crypto'
import fs, { type BigIntStats } from 'node:fs'
import { type Bytes, LatchkeyError, type WriteOptions, type WriteResult } from '@latchkey/core'
import { assertPrecondition } from '../precondition.js'
import { errnoOf, run } from './call.js'
import { objectStat, sameIdentity } from './identity.js'
import { assertStorable } from './object-path.js'
import { occupant, publishFile } from './publish.js'
import { statObject } from './read-object.js'
import { type Place, placeToWrite } from './resolve.js'
import { nameHash, type Sidecar, sidecarPath, writeSidecar } from './sidecar.js'
import { keyConflict, storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { removeOrphans } from './sweep-sidecars.js'
import { type TempFile, withTempFile } from './temp-file.js'

/** Stores an object, all or nothing. */
export async function writeObject(
  store: WriteStore,
  key: string,
  body: Bytes,
  options: WriteOptions,
): Promise<WriteResult> {
  assertStorable(key)
  // Asked before the first byte is taken, and again at the commit: an upload can be slow.
  await placeToWrite(store.root, key).catch(rethrow)
  return withTempFile(store, body, options, (temp) => commit(store, key, temp, options).catch(rethrow))
}

async function commit(
  store: WriteStore,
  key: string,
  temp: TempFile,
  options: WriteOptions,
): Promise<WriteResult> {
  const place = await placeToWrite(store.root, key)
  const hash = nameHash(place.name)
  return store.locks.hold(hash, async (recovered) => {
    if (recovered) await removeOrphans(store, hash)
    temp.assertNotAborted()
    const createOnly = options.precondition?.type === 'absent'
    // Whether the place is free, the link itself finds out.
    const before = createOnly ? null : await occupant(place)
    if (before?.isDirectory()) throw keyConflict()
    // Who asks for a version means what is read under this key, be it through a link.
    const current = before === null || before.isFile() ? before : await statObject(store, key)
    if (options.precondition?.type === 'match') {
      assertPrecondition(options.precondition, before && (await statObject(store, key)))
    }
    const sidecar = newSidecar(place, options)
    await publishWithSidecar(store, temp, place, hash, sidecar, createOnly)
    if (before !== null) await removeSidecar(store, hash, before, temp.file)
    return { stat: objectStat(temp.file, sidecar), created: current === null }
  })
}

async function publishWithSidecar(
  store: WriteStore,
  temp: TempFile,
  place: Place,
  hash: string,
  sidecar: Sidecar,
  createOnly: boolean,
): Promise<void> {
  const path = sidecarPath(store.workspace.meta, hash, temp.file)
  try {
    // First the sidecar: whoever sees the file must find what belongs to it.
    await writeSidecar(path, sidecar, store.settings)
    await publishFile(store, temp.path, place, createOnly)
  } catch (error) {
    await run((done) => fs.unlink(path, done)).catch(() => {})
    if (errnoOf(error) === 'ENOENT') throw vanished(error)
    throw error
  }
}

/** Removes the sidecar of a version that was replaced or deleted. What cannot be removed is left to the sweep. */
export async function removeSidecar(
  store: WriteStore,
  hash: string,
  old: BigIntStats,
  published?: BigIntStats,
): Promise<void> {
  if (!old.isFile() || (published !== undefined && sameIdentity(old, published))) return
  await run((done) => fs.unlink(sidecarPath(store.workspace.meta, hash, old), done)).catch(() => {})
}

function newSidecar(place: Place, options: WriteOptions): Sidecar {
  const { contentType, visibility, cacheControlMaxAge } = options
  const version = randomBytes(12).toString('base64url')
  return {
    name: place.name,
    version,
    contentType,
    visibility,
    ...(cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge }),
  }
}

function vanished(cause: unknown): LatchkeyError {
  const advice =
    'The upload or its folder was removed while it was published: find what cleans up in the root'
  return new LatchkeyError('storage_unavailable', advice, { cause })
}

function rethrow(error: unknown): never {
  throw storageError(error)
}
