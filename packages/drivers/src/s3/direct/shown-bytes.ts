import { createHash } from 'node:crypto'
import type { Bytes } from '@latchkey/core'
import { versionGone } from '../read-name.js'

/**
 * The first bytes of what has come, as they were shown. The ETag that holds a store to one version is an MD5 of it: whoever
 * prepared two bodies with the same one could have the other published.
 */
export class ShownBytes {
  readonly #hash = createHash('sha256')
  #count = 0

  get isSome(): boolean {
    return this.#count > 0
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.#count += chunk.byteLength
  }

  /** Passes a body on, and breaks it off where it does not begin with them: as `precondition_failed`. */
  async *requiredOf(body: Bytes): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let left = this.#count
    for await (const chunk of body) {
      const first = chunk.subarray(0, left)
      if (first.byteLength > 0) {
        hash.update(first)
        left -= first.byteLength
        if (left === 0 && !hash.digest().equals(this.#hash.copy().digest())) throw versionGone()
      }
      yield chunk
    }
  }
}
