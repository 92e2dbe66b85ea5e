import { type Bytes, LatchkeyError } from '@latchkey/core'
import { BodyReader } from '../body-reader.js'

/** What a body must keep to. */
export interface BodyLimits {
  readonly signal?: AbortSignal
  /** Bytes; more fails as `too_large`. */
  readonly maxBytes?: number
}

/** The bytes that the driver may hold, counted from the first that comes. */
export class Room {
  readonly #maxBytes: number
  #usedBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#maxBytes) {
      throw new LatchkeyError('storage_full', `The memory driver's maxBytes (${this.#maxBytes}) is used up`)
    }
    this.#usedBytes += bytes
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes
  }

  /**
   * Receives a body and hands it to `keep`, which must not wait: the last look at what the body depends on and what
   * becomes of it are one step. Where it or the body fails, the body's room is given back.
   */
  async receive<T>(body: Bytes, limits: BodyLimits, keep: (bytes: Uint8Array) => T): Promise<T> {
    const reader = new BodyReader(body, limits.signal, limits.maxBytes)
    let taken = 0
    try {
      const chunks: Uint8Array[] = []
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
        this.take(chunk.byteLength)
        taken += chunk.byteLength
        chunks.push(chunk)
      }
      reader.assertNotStopped()
      return keep(Buffer.concat(chunks))
    } catch (error) {
      this.give(taken)
      throw error
    } finally {
      reader.release()
    }
  }
}
