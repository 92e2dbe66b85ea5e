import type { BigIntStats } from 'node:fs'
import { sameIdentity } from './identity.js'
import type { Sidecar } from './sidecar.js'

// Coarser than the time stamps of any file system in use (FAT: 2 s) and of any kernel clock.
const SETTLED_MS = 2500

interface Entry {
  readonly file: BigIntStats
  readonly sidecar: Sidecar | null
}

/**
 * The sidecars of the versions last read, `null` for a file that has none. An entry can never be stale: it holds for
 * one inode, size, mtime and ctime, and whoever changes the sidecar of a version that is in place, or gives it one,
 * moves the ctime of its file after that. The one way to deceive it would be a new file that has all four of an old one,
 * its inode number used again within one tick of the clock; so a version is only taken in when its ctime is further back
 * than any tick is long, as git does with its index.
 */
export class SidecarCache {
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The sidecar, `null` for a file known to have none, `undefined` where nothing is known. */
  get(name: string, file: BigIntStats): Sidecar | null | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined) return undefined
    if (entry.file.ctimeNs !== file.ctimeNs || !sameIdentity(entry.file, file)) return undefined
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    return entry.sidecar
  }

  /** `seenAt` is the time in milliseconds before `file` was looked at. */
  set(name: string, file: BigIntStats, sidecar: Sidecar | null, seenAt: number): void {
    if (this.#limit === 0 || seenAt - Number(file.ctimeNs / 1_000_000n) < SETTLED_MS) return
    this.#entries.delete(name)
    this.#entries.set(name, { file, sidecar })
    if (this.#entries.size <= this.#limit) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }
}
