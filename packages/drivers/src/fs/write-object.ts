import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { type Bytes, LatchkeyError, type WriteOptions, type WriteResult } from '@latchkey/core'
import { assertPrecondition } from '../precondition.js'
import { errnoOf, run } from './call.js'
import { objectStat } from './identity.js'
import { assertStorable } from './object-path.js'
import { type Locked, linkInto, occupant, publishFile, renameInto } from './publish.js'
import { statObject } from './read-object.js'
import { type Place, placeToWrite } from './resolve.js'
import { nameHash, removeSidecar, type Sidecar, sidecarPath, writeSidecar } from './sidecar.js'
import { keyConflict, storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { type TempFile, withTempFile } from './temp-file.js'

// For so long the place that was found before the upload still counts at its commit: no longer than a commit may
// itself take from its look to its publish. A fast upload looks once, a slow one twice.
const FRESH_MS = 50
const MAX_TURNS = 100

/** Stores an object, all or nothing. */
export async function writeObject(
  store: WriteStore,
  key: string,
  body: Bytes,
  options: WriteOptions,
): Promise<WriteResult> {
  assertStorable(key)
  // What cannot be published is not received first.
  const early = await placeToWrite(store.root, key).catch(rethrow)
  const lookedAt = performance.now()
  return withTempFile(store, body, options, async (temp) => {
    try {
      const isFresh = performance.now() - lookedAt < FRESH_MS
      const place = isFresh ? early : await placeToWrite(store.root, key)
      return await commit(store, key, place, temp, options)
    } catch (error) {
      throw storageError(error)
    }
  })
}

async function commit(
  store: WriteStore,
  key: string,
  place: Place,
  temp: TempFile,
  options: WriteOptions,
): Promise<WriteResult> {
  const commit = new Commit(store, key, place, temp, options)
  if (options.precondition?.type === 'absent') return commit.create()
  for (let turn = 1; ; turn++) {
    try {
      const isFree = options.precondition === undefined && (await occupant(place)) === null
      return await (isFree ? commit.create() : commit.replace())
    } catch (error) {
      // Created by somebody else after the look: now it is there to be replaced.
      if (errnoOf(error) !== 'exists' || turn === MAX_TURNS) throw error
    }
  }
}

class Commit {
  readonly #store: WriteStore
  readonly #key: string
  readonly #place: Place
  readonly #temp: TempFile
  readonly #options: WriteOptions
  readonly #hash: string

  constructor(store: WriteStore, key: string, place: Place, temp: TempFile, options: WriteOptions) {
    this.#store = store
    this.#key = key
    this.#place = place
    this.#temp = temp
    this.#options = options
    this.#hash = nameHash(place.name)
  }

  /**
   * Publishes where nothing is. A link needs no lock: it never replaces, and all who replace or remove what is there
   * wait for an object to be there first. `locked` runs what needs one where there are no links.
   */
  async create(locked: Locked = (task) => this.#store.locks.hold(this.#hash, task)): Promise<WriteResult> {
    const stat = await this.#publish(() => linkInto(this.#temp, this.#place, locked))
    return { stat, created: true }
  }

  /** Publishes over what is there, if it is what the condition asks for. */
  async replace(): Promise<WriteResult> {
    return this.#store.locks.hold(this.#hash, async () => {
      const before = await occupant(this.#place)
      // Through a link is how the key is read, so it is how the condition is meant.
      const current = before?.isFile() && !this.#options.precondition ? null : await this.#read()
      assertPrecondition(this.#options.precondition, current)
      if (before === null) return this.create((task) => task())
      if (before.isDirectory()) throw keyConflict()
      const stat = await this.#publish(() => renameInto(this.#temp, this.#place))
      if (before.isFile()) await removeSidecar(this.#store.workspace.meta, this.#hash, before)
      return { stat, created: !before.isFile() && current === null }
    })
  }

  #read() {
    return statObject(this.#store, this.#key)
  }

  async #publish(how: () => Promise<void>) {
    this.#temp.assertNotAborted()
    const sidecar = newSidecar(this.#place, this.#options)
    const path = sidecarPath(this.#store.workspace.meta, this.#hash, this.#temp.file)
    try {
      // First the sidecar: whoever sees the file must find what belongs to it.
      const written = writeSidecar(path, sidecar, this.#store.settings)
      // Both are waited for, also when one fails: the sidecar could not be removed while it is being written.
      await Promise.allSettled([written, this.#temp.closed])
      await Promise.all([written, this.#temp.closed])
      await publishFile(this.#store, this.#temp, this.#place, how)
    } catch (error) {
      await run((done) => fs.unlink(path, done)).catch(() => {})
      if (errnoOf(error) === 'ENOENT') throw vanished(error)
      throw error
    }
    return objectStat(this.#temp.file, sidecar)
  }
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
