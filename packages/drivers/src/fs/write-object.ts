import type { Bytes, WriteOptions, WriteResult } from '@latchkey/core'
import { commit } from './commit.js'
import { assertStorable } from './object-path.js'
import { placeToWrite } from './resolve.js'
import { storageError } from './storage-errors.js'
import type { WriteStore } from './store.js'
import { withTempFile } from './temp-file.js'

const SMALL_BYTES = 1024 * 1024

/** Stores an object, all or nothing. */
export async function writeObject(
  store: WriteStore,
  key: string,
  body: Bytes,
  options: WriteOptions,
): Promise<WriteResult> {
  assertStorable(key)
  // What cannot be published is not received first; for a small body the look costs more than it saves.
  if (!(options.size !== undefined && options.size <= SMALL_BYTES)) {
    await placeToWrite(store.root, key).catch(rethrow)
  }
  return withTempFile(store, body, options, async (temp) => {
    try {
      return await commit(store, key, await placeToWrite(store.root, key), temp, options)
    } catch (error) {
      throw storageError(error)
    }
  })
}

function rethrow(error: unknown): never {
  throw storageError(error)
}
