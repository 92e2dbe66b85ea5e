import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { isSameFile } from './identity.js'
import type { KnownObject, KnownObjects } from './known-objects.js'

/** How long it is taken for granted that a key leads to the same place. Milliseconds. */
const PLACE_HOLDS_MS = 1000

/** Looks at files: whether they still are what is known of them. */
export class ObjectLooks {
  readonly #root: string
  readonly #known: KnownObjects
  /** Those that are about to begin. */
  readonly #ahead = new Map<string, Promise<KnownObject | undefined>>()

  constructor(root: string, known: KnownObjects) {
    this.#root = root
    this.#known = known
  }

  /**
   * The object of a key, if the key leads to the very file that it was read from, unchanged; `undefined` otherwise, or
   * where nothing is kept. The file system is asked each time, in one call, which all who ask in the same turn of the event
   * loop share: it begins when the last of them has asked. Only that no folder on the way was moved out of
   * the root, with a link to it left behind, is looked at once a second: the file has not changed, and no other is read.
   */
  current(key: string): Promise<KnownObject | undefined> | undefined {
    return this.#known.get(key) === undefined ? undefined : this.#look(key)
  }

  #look(key: string): Promise<KnownObject | undefined> {
    const shared = this.#ahead.get(key)
    if (shared !== undefined) return shared
    const look = new Promise<KnownObject | undefined>((resolve) => {
      setImmediate(() => {
        // Who comes from now on may know of a change that this look is too early to see.
        this.#ahead.delete(key)
        this.#compare(key, resolve)
      })
    })
    this.#ahead.set(key, look)
    return look
  }

  #compare(key: string, resolve: (known: KnownObject | undefined) => void): void {
    const known = this.#known.get(key)
    if (known === undefined) {
      resolve(undefined)
      return
    }
    const path = join(this.#root, key)
    const now = Date.now()
    const forget = () => {
      this.#known.forget(key)
      resolve(undefined)
    }
    const compareFile = () => {
      fs.stat(path, { bigint: true }, (error, file: BigIntStats) => {
        if (error === null && isSameFile(file, known.file)) resolve(known)
        else forget()
      })
    }
    const comparePlace = () => {
      fs.realpath.native(path, (error, realPath) => {
        if (error !== null || realPath !== known.place.path) return forget()
        known.placeSeenAt = now
        compareFile()
      })
    }
    if (Math.abs(now - known.placeSeenAt) < PLACE_HOLDS_MS) compareFile()
    else comparePlace()
  }
}
