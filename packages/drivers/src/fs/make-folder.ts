import fs, { type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { call, errnoOf } from './call.js'
import { keyConflict } from './storage-errors.js'

const RACED = new Set(['ENOENT', 'ENOTDIR', 'EEXIST'])

/**
 * Makes a folder and those above it; gives the topmost one that had to be made. Where somebody prunes them at this
 * moment it may come to nothing, which the next attempt to use the folder shows.
 *
 * @throws LatchkeyError `key_conflict` where something that is no folder is in the way.
 */
export async function makeFolder(root: string, folder: string, mode: number): Promise<string | undefined> {
  try {
    return await call<string | undefined>((done) => fs.mkdir(folder, { recursive: true, mode }, done))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined || !RACED.has(errno)) throw error
    // Not told by the code: a folder that is pruned while Node makes it comes out as ENOTDIR as well.
    if (await isBlocked(root, folder)) throw keyConflict(error)
    return undefined
  }
}

/** Whether anything on the way from the root is no folder: a file, or a link to nothing. */
async function isBlocked(root: string, folder: string): Promise<boolean> {
  for (let each = folder; each !== root && each.startsWith(root); each = dirname(each)) {
    const own = await look((done) => fs.lstat(each, done))
    if (own === null) continue
    const target = own.isSymbolicLink() ? await look((done) => fs.stat(each, done)) : own
    return target === null || !target.isDirectory()
  }
  return false
}

async function look(start: Parameters<typeof call<Stats>>[0]): Promise<Stats | null> {
  try {
    return await call<Stats>(start)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') return null
    throw error
  }
}
