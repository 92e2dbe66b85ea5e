import fs, { type Stats } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Bytes, LatchkeyError } from '@latchkey/core'
import { call } from '../fs/call.js'
import { sweepTemp } from '../fs/sweep.js'
import { type BodyLimits, type TempFile, withTempFile } from '../fs/temp-file.js'
import { libraryError } from './library-errors.js'
import type { LocalFolder } from './local-folder.js'

// An upload touches its file with every batch, so this is a silence of an hour.
const MAX_AGE_MS = 60 * 60 * 1000

/**
 * Where uploads wait until they have come whole. So no failed, aborted or refused body ever reaches a library, whose
 * own handling of such bodies differs, and a slow client holds nothing up.
 */
export class Staging {
  readonly #prepare: () => Promise<string>
  readonly #fileMode: number
  #folder: Promise<string> | undefined

  private constructor(prepare: () => Promise<string>, fileMode: number) {
    this.#prepare = prepare
    this.#fileMode = fileMode
    // Begun now, so that the leftovers of a crash go even if nothing is ever written. A failure is the next call's.
    this.#ready().catch(() => {})
  }

  /** In the library's own folder, from where a rename is enough. */
  static inFolder(folder: LocalFolder, fileMode = 0o666): Staging {
    return new Staging(() => folder.temp(), fileMode)
  }

  /** In a folder of the system, which is to be this user's alone. */
  static inTemp(folder: string | undefined): Staging {
    return new Staging(() => privateFolder(folder), 0o600)
  }

  /** Receives a body and hands its file to `use`; nothing of it is left when that is over. */
  async receive<T>(body: Bytes, limits: BodyLimits, use: (temp: TempFile) => Promise<T>): Promise<T> {
    const temp = await this.#ready().catch((error) => {
      throw libraryError(error)
    })
    const store = { workspace: { temp }, settings: { fileMode: this.#fileMode, fsync: false } }
    return withTempFile(store, body, limits, async (file) => {
      await file.closed
      return use(file)
    })
  }

  #ready(): Promise<string> {
    this.#folder ??= this.#make().catch((error) => {
      this.#folder = undefined
      throw error
    })
    return this.#folder
  }

  async #make(): Promise<string> {
    const folder = await this.#prepare()
    await sweepTemp(folder, MAX_AGE_MS)
    return folder
  }
}

async function privateFolder(given: string | undefined): Promise<string> {
  const { uid, username } = userInfo()
  const folder = given ?? join(tmpdir(), `latchkey-${uid < 0 ? username : uid}`)
  await call((done) => fs.mkdir(folder, { recursive: true, mode: 0o700 }, done))
  if (given !== undefined || uid < 0) return folder
  // Anybody may have made a folder of that name in /tmp, and could exchange what is written to it.
  const stats = await call<Stats>((done) => fs.lstat(folder, done))
  if (stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0) return folder
  throw new LatchkeyError(
    'storage_denied',
    `${folder} is not this user's alone: remove it, or name another folder by tempFolder`,
  )
}
