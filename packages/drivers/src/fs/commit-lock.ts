import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LatchkeyError } from '@latchkey/core'
import { call, errnoOf, run } from './call.js'
import { isDead, ownedName, ownerIn, ownOwner } from './owner.js'

// A lock is held for milliseconds; only a holder that died or hangs is ever seen for so long.
const CHECK_HOLDER_MS = 100
const HUNG_MS = 15_000
const GIVE_UP_MS = 60_000

const NO_SYMLINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'])

/**
 * One holder per object at a time, among all processes that share the root: a queue within the process, a lock file
 * between processes.
 *
 * The lock is a symbolic link whose target names its holder: it appears whole, in one call. Where links cannot be
 * made it is a file. A lock whose holder is dead is broken at once; one whose holder cannot be asked (another
 * machine or container) when it has been in the way, unchanged, for 15 seconds by the clock of the one who waits.
 */
export class CommitLocks {
  readonly #folder: string
  readonly #tails = new Map<string, Promise<void>>()
  #symlinks = true

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Runs `task` while holding the lock `hash`. */
  async hold<T>(hash: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(hash)
    let release = (): void => {}
    const tail = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#tails.set(hash, tail)
    try {
      await before
      return await this.#holdFile(join(this.#folder, hash), task)
    } finally {
      release()
      if (this.#tails.get(hash) === tail) this.#tails.delete(hash)
    }
  }

  /** Breaks the lock `hash` if its holder is known to be dead. */
  async breakIfDead(hash: string): Promise<boolean> {
    const path = join(this.#folder, hash)
    const holder = await readHolder(path)
    return holder !== null && (await isHolderDead(holder)) && (await this.#break(path, holder))
  }

  async #holdFile<T>(path: string, task: () => Promise<T>): Promise<T> {
    const mark = ownedName(await ownOwner())
    await this.#take(path, mark)
    const since = performance.now()
    try {
      return await task()
    } finally {
      // After a hang the lock may be somebody else's by now.
      const mine = performance.now() - since < HUNG_MS / 2 || (await readHolder(path)) === mark
      // What stays behind is broken when this process has ended, or as a hung one: no reason to fail the commit.
      if (mine) await run((done) => fs.unlink(path, done)).catch(() => {})
    }
  }

  async #take(path: string, mark: string): Promise<void> {
    const begun = performance.now()
    let seen: string | null = null
    let seenAt = begun
    for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
      if (await this.#create(path, mark)) return
      const now = performance.now()
      if (now - begun > GIVE_UP_MS) {
        throw new LatchkeyError(
          'storage_unavailable',
          `The lock ${path} does not come free: look who holds it`,
        )
      }
      if (now - begun >= CHECK_HOLDER_MS) {
        const holder = await readHolder(path)
        if (holder !== seen) seenAt = now
        seen = holder
        if (holder !== null && (now - seenAt > HUNG_MS || (await isHolderDead(holder)))) {
          await this.#break(path, holder)
        }
      }
      await sleep(pause * (0.5 + Math.random()))
    }
  }

  /** Makes the lock; `false` where it is taken. */
  async #create(path: string, mark: string): Promise<boolean> {
    const asLink = this.#symlinks
    try {
      if (asLink) await run((done) => fs.symlink(mark, path, done))
      else await run((done) => fs.writeFile(path, mark, { flag: 'wx' }, done))
      return true
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'EEXIST') return false
      if (!asLink || errno === undefined || !NO_SYMLINKS.has(errno)) throw error
      this.#symlinks = false
      return this.#create(path, mark)
    }
  }

  /**
   * Removes a dead holder's lock. Two who saw the same dead holder must not both remove: the second would remove the
   * first one's new lock. So only who holds the mark beside it may, and only if the holder is still the same.
   */
  async #break(path: string, holder: string): Promise<boolean> {
    const breaking = `${path}.break`
    if (!(await this.#create(breaking, ownedName(await ownOwner())))) {
      await removeAbandoned(breaking)
      return false
    }
    try {
      if ((await readHolder(path)) !== holder) return false
      await run((done) => fs.unlink(path, done))
      return true
    } finally {
      await run((done) => fs.unlink(breaking, done)).catch(() => {})
    }
  }
}

async function isHolderDead(holder: string): Promise<boolean> {
  const owner = ownerIn(holder)
  return owner !== null && (await isDead(owner)) === true
}

/** Who holds a lock; `null` where it is free. */
async function readHolder(path: string): Promise<string | null> {
  try {
    return await call<string>((done) => fs.readlink(path, done))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    if (errnoOf(error) !== 'EINVAL' && errnoOf(error) !== 'UNKNOWN') throw error
  }
  return call<string>((done) => fs.readFile(path, 'utf8', done)).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  })
}

/** Who breaks a lock may die as well; its mark is held for two calls only. */
async function removeAbandoned(breaking: string): Promise<void> {
  const holder = await readHolder(breaking)
  if (holder !== null && (await isHolderDead(holder)))
    await run((done) => fs.unlink(breaking, done)).catch(() => {})
}
