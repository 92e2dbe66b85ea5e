import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { call } from './call.js'
import { sameIdentity } from './identity.js'
import { WORKSPACE } from './object-path.js'
import type { Place } from './resolve.js'
import { nameHash, readSidecar, type Sidecar, sidecarPath } from './sidecar.js'
import { meansAbsent } from './storage-errors.js'
import type { ReadStore } from './store.js'

/**
 * Reads the sidecar of a version that the cache does not have; `null` for a file that came from elsewhere. `undefined`
 * where the version was replaced in the meantime, and its sidecar removed with it: the caller looks again.
 */
export async function findSidecar(
  store: ReadStore,
  place: Place,
  file: BigIntStats,
  seenAt: number,
): Promise<Sidecar | null | undefined> {
  const sidecar = await readSidecar(
    sidecarPath(join(store.root, WORKSPACE, 'meta'), nameHash(place.name), file),
  )
  // A sidecar is there before its file is and goes after it: where the file is still in place, there is none.
  if (sidecar === null && !(await isInPlace(place, file))) return undefined
  store.cache.set(place.name, file, sidecar, seenAt)
  return sidecar
}

async function isInPlace(place: Place, file: BigIntStats): Promise<boolean> {
  try {
    const now = await call<BigIntStats>((done) => fs.lstat(place.path, { bigint: true }, done))
    return sameIdentity(now, file)
  } catch (error) {
    if (meansAbsent(error)) return false
    throw error
  }
}
