import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { type Place, placeOf } from './resolve.js'

// Windows knows none but the first. Without O_NONBLOCK an open of a FIFO would wait for a writer and hold a thread.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = fs.constants
const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY

/** A regular file inside the root, open for reading. */
export interface OpenFile {
  readonly place: Place
  readonly fd: number
  readonly file: BigIntStats
}

/**
 * Opens the file of a key; `null` for what is no regular file inside the root. Callbacks and one promise: this is
 * the path of every download, and a promise for each call would cost more than the checks do.
 */
export function openFile(root: string, key: string): Promise<OpenFile | null> {
  return new Promise((resolve, reject) => {
    fs.realpath.native(join(root, key), (error, realPath) => {
      if (error) return reject(error)
      const place = placeOf(root, realPath)
      if (place === null) return resolve(null)
      fs.open(realPath, READ_FLAGS, (error, fd) => {
        if (error) return reject(error)
        fs.fstat(fd, { bigint: true }, (error, file) => {
          if (!error && file.isFile()) return resolve({ place, fd, file })
          fs.close(fd, () => {
            if (error) reject(error)
            else resolve(null)
          })
        })
      })
    })
  })
}
