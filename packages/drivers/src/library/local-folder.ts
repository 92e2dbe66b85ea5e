import fs, { type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { LatchkeyError } from '@latchkey/core'
import { call, errnoOf, run } from '../fs/call.js'
import { makeFolder } from '../fs/make-folder.js'
import { assertPath, pathDefect, WORKSPACE } from '../fs/object-path.js'
import { openFile } from '../fs/open-file.js'
import { pruneFolders } from '../fs/prune.js'
import { placeOf, placeToWrite } from '../fs/resolve.js'
import { meansAbsent } from '../fs/storage-errors.js'

// Narrowed by the umask: what the libraries themselves would make.
const FOLDER_MODE = 0o777
// Each turn means that somebody pruned the folder between two calls.
const MAX_TURNS = 100

/**
 * The folder of a library that keeps each object as a file under its key. Such a library writes into the file that
 * readers have open; here a finished file is renamed into its place, which is one step. Keys were checked by the driver.
 */
export class LocalFolder {
  readonly #path: string
  #root: Promise<string> | undefined

  constructor(path: string) {
    if (path === '' || path.includes('\0')) {
      throw new LatchkeyError('invalid_option', 'folder must be the path of a folder')
    }
    this.#path = resolve(path)
  }

  /** Where uploads under way are: on the same file system, or a rename would not do. */
  async temp(): Promise<string> {
    const temp = join(await this.root(), WORKSPACE, 'tmp')
    await call((done) => fs.mkdir(temp, { recursive: true, mode: FOLDER_MODE }, done))
    return temp
  }

  /** Whether the key is a file, and inside the folder once links are followed. */
  async has(key: string): Promise<boolean> {
    if (pathDefect(key) !== null) return false
    const root = await this.root()
    try {
      const real = await call<string>((done) => fs.realpath.native(join(root, key), done))
      if (placeOf(root, real) === null) return false
      return (await call<Stats>((done) => fs.stat(real, done))).isFile()
    } catch (error) {
      if (meansAbsent(error)) return false
      throw error
    }
  }

  /** The bytes of a file inside the folder. */
  async read(key: string): Promise<Readable> {
    const open = await openFile(await this.root(), key)
    if (open === null) throw new LatchkeyError('storage_unavailable', 'The file is gone, or none any more')
    return fs.createReadStream('', { fd: open.fd })
  }

  /**
   * Puts a finished file in its place, replacing what is there. Its time is made later than that of what it replaces, to
   * the millisecond: time and size are all that these libraries make an ETag of.
   */
  async publish(key: string, file: string, replaced: Date | undefined): Promise<void> {
    assertPath(key)
    const root = await this.root()
    if (replaced !== undefined) await makeLater(file, replaced)
    const { path } = await placeToWrite(root, key)
    let made = false
    try {
      for (let turn = 1; ; turn++) {
        try {
          await run((done) => fs.rename(file, path, done))
          return
        } catch (error) {
          if (errnoOf(error) !== 'ENOENT' || turn === MAX_TURNS) throw error
          // ENOENT is also what a temporary file that was swept gives.
          await call<Stats>((done) => fs.lstat(file, done))
          made = (await makeFolder(root, dirname(path), FOLDER_MODE)) !== undefined || made
        }
      }
    } catch (error) {
      if (made) await pruneFolders(root, dirname(path))
      throw error
    }
  }

  /** Removes a file, and the folders that it leaves empty. */
  async remove(key: string): Promise<void> {
    assertPath(key)
    const root = await this.root()
    const { path } = await placeToWrite(root, key)
    await run((done) => fs.unlink(path, done))
    await pruneFolders(root, dirname(path))
  }

  /** The path without links; the folder is made where it is missing. */
  root(): Promise<string> {
    this.#root ??= this.#prepare().catch((error) => {
      this.#root = undefined
      throw error
    })
    return this.#root
  }

  async #prepare(): Promise<string> {
    await call((done) => fs.mkdir(this.#path, { recursive: true, mode: FOLDER_MODE }, done))
    return call<string>((done) => fs.realpath.native(this.#path, done))
  }
}

async function makeLater(file: string, than: Date): Promise<void> {
  const { mtimeMs } = await call<Stats>((done) => fs.stat(file, done))
  if (Math.trunc(mtimeMs) > than.getTime()) return
  const later = new Date(than.getTime() + 1)
  await run((done) => fs.utimes(file, later, later, done))
}
