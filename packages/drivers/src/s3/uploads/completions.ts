import { Turns } from '../../turns.js'

/** The completions of this process: of one upload one after the other, each with an eye on who aborts the upload meanwhile. */
export class Completions {
  readonly #turns = new Turns()
  /** Those that are in their turn, by their uploads. */
  readonly #underWay = new Map<string, { aborted: boolean }>()

  /** Runs `complete`, and then `remove` where the upload was aborted under it. */
  run<T>(uploadId: string, complete: () => Promise<T>, remove: () => Promise<void>): Promise<T> {
    return this.#turns.run(uploadId, async () => {
      const underWay = { aborted: false }
      this.#underWay.set(uploadId, underWay)
      try {
        const result = await complete()
        // It came too late to keep the object from being published, and the result would be kept for a repetition.
        if (underWay.aborted) await remove()
        return result
      } finally {
        this.#underWay.delete(uploadId)
      }
    })
  }

  /** Tells a completion that its upload is aborted. */
  abort(uploadId: string): void {
    const underWay = this.#underWay.get(uploadId)
    if (underWay !== undefined) underWay.aborted = true
  }
}
