import type { Bytes, WriteOptions, WriteResult } from '@latchkey/core'
import { commit } from './commit.js'
import { assertStorable } from './object-path.js'
import { placeToWrite } from './resolve.js'
import { storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { withTempFile } from './temp-file.js'

// For so long the place that was found before the upload still counts at its commit: no longer than a commit may
// itself take from its look to its publish. A fast upload looks once, a slow one twice.
const FRESH_MS = 50

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

function rethrow(error: unknown): never {
  throw storageError(error)
}
