import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { LatchkeyError, type WriteOptions, type WriteResult } from '@latchkey/core'
import { assertPrecondition } from '../precondition.js'
import { errnoOf, run } from './call.js'
import { objectStat } from './identity.js'
import { type Locked, linkInto, occupant, publishFile, renameInto } from './publish.js'
import { statObject } from './read-object.js'
import type { Place } from './resolve.js'
import { nameHash, removeSidecar, type Sidecar, sidecarPath, writeSidecar } from './sidecar.js'
import { keyConflict } from './storage-errors.js'
import type { WriteStore } from './store.js'
import type { TempFile } from './temp-file.js'

const MAX_TURNS = 100

/** What a commit that is part of a larger step is done with. */
export interface HeldCommit {
  /** Told what will be published, right before. What it throws fails the commit. May be told more than once. */
  announce(result: WriteResult): Promise<void>
}

/** Publishes a finished file as the object. With `held` the caller holds the lock of the place. */
export async function commit(
  store: WriteStore,
  key: string,
  place: Place,
  temp: TempFile,
  options: CommitOptions,
  held?: HeldCommit,
): Promise<WriteResult> {
  const commit = new Commit(store, key, place, temp, options, held)
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

/** What is stored beside the bytes, and under which condition. */
export type CommitOptions = Omit<WriteOptions, 'size' | 'signal'>

class Commit {
  readonly #store: WriteStore
  readonly #key: string
  readonly #place: Place
  readonly #temp: TempFile
  readonly #options: CommitOptions
  readonly #held: HeldCommit | undefined
  readonly #hash: string

  constructor(
    store: WriteStore,
    key: string,
    place: Place,
    temp: TempFile,
    options: CommitOptions,
    held: HeldCommit | undefined,
  ) {
    this.#store = store
    this.#key = key
    this.#place = place
    this.#temp = temp
    this.#options = options
    this.#held = held
    this.#hash = nameHash(place.name)
  }

  /**
   * Publishes where nothing is. A link needs no lock: it never replaces, and all who replace or remove what is there
   * wait for an object to be there first. `locked` runs what needs one where there are no links.
   */
  create(locked: Locked = (task) => this.#locked(task)): Promise<WriteResult> {
    return this.#publish(true, () => linkInto(this.#temp, this.#place, locked))
  }

  /** Publishes over what is there, if it is what the condition asks for. */
  async replace(): Promise<WriteResult> {
    return this.#locked(async () => {
      const before = await occupant(this.#place)
      // Through a link is how the key is read, so it is how the condition is meant.
      const current = before?.isFile() && !this.#options.precondition ? null : await this.#read()
      assertPrecondition(this.#options.precondition, current)
      if (before === null) return this.create((task) => task())
      if (before.isDirectory()) throw keyConflict()
      const created = !before.isFile() && current === null
      const result = await this.#publish(created, () => renameInto(this.#temp, this.#place))
      if (before.isFile()) await removeSidecar(this.#store.workspace.meta, this.#hash, before)
      return result
    })
  }

  #read() {
    return statObject(this.#store, this.#key)
  }

  #locked<T>(task: () => Promise<T>): Promise<T> {
    return this.#held === undefined ? this.#store.locks.hold(this.#hash, task) : task()
  }

  async #publish(created: boolean, how: () => Promise<void>): Promise<WriteResult> {
    this.#temp.assertNotAborted()
    const sidecar = newSidecar(this.#place, this.#options)
    const result = { stat: objectStat(this.#temp.file, sidecar), created }
    const path = sidecarPath(this.#store.workspace.meta, this.#hash, this.#temp.file)
    try {
      // First the sidecar: whoever sees the file must find what belongs to it.
      const written = writeSidecar(path, sidecar, this.#store.settings)
      // Both are waited for, also when one fails: the sidecar could not be removed while it is being written.
      await Promise.allSettled([written, this.#temp.closed])
      await Promise.all([written, this.#temp.closed])
      await this.#held?.announce(result)
      await publishFile(this.#store, this.#temp, this.#place, how)
    } catch (error) {
      await run((done) => fs.unlink(path, done)).catch(() => {})
      if (errnoOf(error) === 'ENOENT') throw vanished(error)
      throw error
    }
    return result
  }
}

function newSidecar(place: Place, options: CommitOptions): Sidecar {
  const { contentType, visibility, cacheControlMaxAge } = options
  return {
    name: place.name,
    version: randomUUID(),
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
