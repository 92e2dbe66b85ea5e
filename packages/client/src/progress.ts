import type { UploadProgress } from './options.js'

/**
 * Sums up what has been sent of a file's pieces. A piece that is sent again begins at nothing again, and the sum goes
 * back with it; it never exceeds the file.
 */
export class Progress {
  readonly #pieces = new Map<number, number>()
  readonly #total: number
  readonly #report: ((progress: UploadProgress) => void) | undefined
  #loaded = 0
  #reported = -1

  constructor(total: number, report?: (progress: UploadProgress) => void) {
    this.#total = total
    this.#report = report
  }

  /** Notes how many bytes of a piece are out, and reports the sum where it has changed. */
  set(piece: number, bytes: number): void {
    this.#loaded += bytes - (this.#pieces.get(piece) ?? 0)
    this.#pieces.set(piece, bytes)
    const loaded = Math.min(this.#loaded, this.#total)
    if (loaded === this.#reported) return
    this.#reported = loaded
    this.#report?.({ loaded, total: this.#total })
  }

  /** Forgets every piece: the file is sent anew. */
  reset(): void {
    this.#pieces.clear()
    this.#loaded = 0
  }
}
