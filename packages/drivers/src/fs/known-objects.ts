import type { BigIntStats } from 'node:fs'
import type { ObjectStat } from '@latchkey/core'
import type { Place } from './resolve.js'

/** An object up to this many bytes is read at once, and its bytes may be kept. */
export const SMALL_BYTES = 64 * 1024

/** What an entry takes beside the bytes of its object. */
const ENTRY_BYTES = 1024

/** An object as it was when it was last looked at. */
export interface KnownObject {
  readonly file: BigIntStats
  readonly stat: ObjectStat
  readonly place: Place
  /** Of a small one that was read as a whole. */
  readonly bytes: Uint8Array | undefined
  /** Unix milliseconds: when the key was last seen to lead to the place. */
  placeSeenAt: number
}

/**
 * The objects last asked for, by key, the small ones with their bytes. Nothing here is known to be current: whoever takes an
 * entry compares it with the file first (`ObjectLooks`), and forgets it where it differs.
 */
export class KnownObjects {
  readonly #limit: number
  readonly #device: bigint | undefined
  readonly #onForget: (entry: KnownObject) => void
  readonly #entries = new Map<string, KnownObject>()
  #bytes = 0

  /**
   * @param limit bytes, those of the entries themselves included; 0 keeps none
   * @param device whose files are kept; `undefined` keeps none
   * @param onForget is told of each that is kept no longer
   */
  constructor(limit: number, device: bigint | undefined, onForget: (entry: KnownObject) => void = () => {}) {
    this.#limit = limit
    this.#device = device
    this.#onForget = onForget
  }

  /** Whether a file's object is kept, with `bytes` of its bytes. */
  takes({ dev }: BigIntStats, bytes: number): boolean {
    return dev === this.#device && bytes <= SMALL_BYTES && bytes + ENTRY_BYTES <= this.#limit
  }

  get(key: string): KnownObject | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  set(key: string, entry: KnownObject): void {
    this.forget(key)
    this.#entries.set(key, entry)
    this.#bytes += costOf(key, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) return
      this.forget(oldest)
    }
  }

  forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= costOf(key, entry)
    this.#onForget(entry)
  }
}

/** A key is there twice: here and, as a path, in the entry; each character may take two bytes. */
function costOf(key: string, { bytes }: KnownObject): number {
  return (bytes?.byteLength ?? 0) + ENTRY_BYTES + key.length * 4
}
