import type { BigIntStats } from 'node:fs'
import type { ObjectStat } from '@latchkey/core'
import type { Place } from './resolve.js'

/** An object up to this many bytes is read at once, and may be kept. */
export const SMALL_BYTES = 64 * 1024

/** What an entry takes beside the bytes of its object. */
const ENTRY_BYTES = 1024

/** A small object as it was when it was last read. */
export interface SmallObject {
  readonly file: BigIntStats
  readonly stat: ObjectStat
  readonly place: Place
  readonly bytes: Uint8Array
  /** Unix milliseconds: when the key was last seen to lead to the place. */
  placeSeenAt: number
}

/**
 * The bytes of the small objects last asked for, by key. Nothing here is known to be current: whoever takes an entry
 * compares it with the file first, and forgets it where it differs.
 */
export class SmallObjects {
  /** The looks at files that are about to begin. */
  readonly looks = new Map<string, Promise<SmallObject | undefined>>()
  readonly #limit: number
  readonly #device: bigint | undefined
  readonly #entries = new Map<string, SmallObject>()
  #bytes = 0

  /**
   * @param limit bytes, those of the entries themselves included; 0 keeps none
   * @param device whose files are kept; `undefined` keeps none
   */
  constructor(limit: number, device: bigint | undefined) {
    this.#limit = limit
    this.#device = device
  }

  /** Whether a file's object is kept. */
  takes({ dev, size }: BigIntStats): boolean {
    return dev === this.#device && size <= SMALL_BYTES && Number(size) + ENTRY_BYTES <= this.#limit
  }

  get(key: string): SmallObject | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  set(key: string, entry: SmallObject): void {
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
  }
}

/** A key is there twice: here and, as a path, in the entry; each character may take two bytes. */
function costOf(key: string, { bytes }: SmallObject): number {
  return bytes.byteLength + ENTRY_BYTES + key.length * 4
}
