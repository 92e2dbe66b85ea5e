import { AsyncResource } from 'node:async_hooks'
import type { FileHandle, FileLease } from './file-handle.js'
import type { KnownObject } from './known-objects.js'

const MOST_FILES = 64
const IDLE_MS = 1000

interface Held {
  readonly handle: FileHandle
  readonly lease: FileLease
  /** Since the last look for those that nobody asks for. */
  isUsed: boolean
}

/**
 * The files of large objects that were read a moment ago, open still: whoever asks for the next range of one needs no path
 * to be looked up, nothing opened and nothing closed. At most 64, each for one to two seconds after it was last asked for.
 */
export class HeldFiles {
  readonly #files = new Map<KnownObject, Held>()
  // Not in the context of a request, which would be kept for as long as the timer.
  readonly #start = AsyncResource.bind(() => setInterval(() => this.#closeIdle(), IDLE_MS).unref())
  #timer: NodeJS.Timeout | undefined

  has(object: KnownObject): boolean {
    return this.#files.has(object)
  }

  /** For one who reads the file, which is known to be the object's still. */
  lease(object: KnownObject): FileLease | undefined {
    const held = this.#files.get(object)
    if (held === undefined) return undefined
    this.#files.delete(object)
    this.#files.set(object, held)
    held.isUsed = true
    return held.handle.lease()
  }

  /** Keeps the file of an object open. */
  hold(object: KnownObject, handle: FileHandle): void {
    this.#files.set(object, { handle, lease: handle.lease(), isUsed: true })
    this.#timer ??= this.#start()
    const [oldest] = this.#files.keys()
    if (this.#files.size > MOST_FILES && oldest !== undefined) this.letGo(oldest)
  }

  /** Closes the file of an object, once all who read it are done. */
  letGo(object: KnownObject): void {
    this.#files.get(object)?.lease.close()
    this.#files.delete(object)
  }

  #closeIdle(): void {
    for (const [object, held] of this.#files) {
      if (held.isUsed) held.isUsed = false
      else this.letGo(object)
    }
    if (this.#files.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
