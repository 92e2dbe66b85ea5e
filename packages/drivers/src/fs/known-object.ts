import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { isSameFile } from './identity.js'
import type { SmallObject } from './small-objects.js'
import type { ReadStore } from './store.js'

/** How long it is taken for granted that a key leads to the same place. Milliseconds. */
const PLACE_HOLDS_MS = 1000

/**
 * The small object of a key, if the key leads to the very file that it was read from, unchanged; `undefined` otherwise, or
 * where nothing is kept. The file system is asked each time, in one call. Only that no folder on the way was moved out of
 * the root, with a link to it left behind, is looked at once a second: the file has not changed, and no other is read.
 */
export function knownObject(store: ReadStore, key: string): Promise<SmallObject | undefined> | undefined {
  const known = store.small.get(key)
  if (known === undefined) return undefined
  return new Promise((resolve) => {
    const path = join(store.root, key)
    const now = Date.now()
    const forget = () => {
      store.small.forget(key)
      resolve(undefined)
    }
    const compare = () => {
      fs.stat(path, { bigint: true }, (error, file: BigIntStats) => {
        if (error === null && isSameFile(file, known.file)) resolve(known)
        else forget()
      })
    }
    if (Math.abs(now - known.placeSeenAt) < PLACE_HOLDS_MS) return compare()
    fs.realpath.native(path, (error, realPath) => {
      if (error !== null || realPath !== known.place.path) return forget()
      known.placeSeenAt = now
      compare()
    })
  })
}
