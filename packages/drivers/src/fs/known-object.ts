import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { isSameFile } from './identity.js'
import type { SmallObject } from './small-objects.js'
import type { ReadStore } from './store.js'

/** How long it is taken for granted that a key leads to the same place. Milliseconds. */
const PLACE_HOLDS_MS = 1000

/**
 * The small object of a key, if the key leads to the very file that it was read from, unchanged; `undefined` otherwise, or
 * where nothing is kept. The file system is asked each time, in one call, which all who ask in the same turn of the event
 * loop share: it begins when the last of them has asked. Only that no folder on the way was moved out of
 * the root, with a link to it left behind, is looked at once a second: the file has not changed, and no other is read.
 */
export function knownObject(store: ReadStore, key: string): Promise<SmallObject | undefined> | undefined {
  const { small } = store
  if (small.get(key) === undefined) return undefined
  const shared = small.looks.get(key)
  if (shared !== undefined) return shared
  const look = new Promise<SmallObject | undefined>((resolve) => {
    setImmediate(() => {
      // Who comes from now on may know of a change that this look is too early to see.
      small.looks.delete(key)
      compare(store, key, resolve)
    })
  })
  small.looks.set(key, look)
  return look
}

function compare(store: ReadStore, key: string, resolve: (known: SmallObject | undefined) => void): void {
  const known = store.small.get(key)
  if (known === undefined) {
    resolve(undefined)
    return
  }
  const path = join(store.root, key)
  const now = Date.now()
  const forget = () => {
    store.small.forget(key)
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
