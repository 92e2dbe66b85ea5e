import fs from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { LatchkeyError } from '@latchkey/core'
import { call, errnoOf } from './call.js'
import { isReserved } from './object-path.js'
import { keyConflict } from './storage-errors.js'

/** A place below the root, with no symbolic link in its folders. */
export interface Place {
  /** The absolute path. */
  readonly path: string
  /** The path from the root with forward slashes: the one name of the place, whichever links led to it. */
  readonly name: string
}

/** The place that an existing file has once links are followed; `null` where they lead out of the root. */
export function placeOf(root: string, realPath: string): Place | null {
  const prefix = root.endsWith(sep) ? root : root + sep
  if (!realPath.startsWith(prefix)) return null
  const inside = realPath.slice(prefix.length)
  const name = sep === '/' ? inside : inside.replaceAll(sep, '/')
  return isReserved(name) ? null : { path: realPath, name }
}

/**
 * The place where `key` is written or removed: links in its folders are followed, a link at its end is not. Folders
 * may be missing.
 *
 * @throws LatchkeyError `invalid_key` where a link leads out of the root, `key_conflict` where a folder is a file.
 */
export async function placeToWrite(root: string, key: string): Promise<Place> {
  const target = join(root, key)
  let missing = basename(target)
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    try {
      const real = folder === root ? root : await call<string>((done) => fs.realpath.native(folder, done))
      const place = placeOf(root, join(real, missing))
      if (place !== null) return place
      throw new LatchkeyError(
        'invalid_key',
        'A symbolic link takes the key out of the root, or into the folder of the driver',
      )
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOTDIR' || errno === 'ELOOP') throw keyConflict(error)
      if (errno !== 'ENOENT' || folder === root) throw error
    }
    missing = join(basename(folder), missing)
  }
}
