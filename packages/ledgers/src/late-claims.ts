import type { DownloadClaim } from '@latchkey/core'

interface LateClaim {
  giveBack?: Promise<unknown>
}

/**
 * Claims that were given up as the store was slow. What one takes after all is for a download that was refused, so it is given
 * back; but not where the claim has been repeated meanwhile.
 */
export class LateClaims {
  readonly #late = new Map<string, LateClaim>()
  readonly #release: (claim: DownloadClaim) => Promise<unknown>

  constructor(release: (claim: DownloadClaim) => Promise<unknown>) {
    this.#release = release
  }

  /** To be called before a claim is made: it may be the repetition of one that was given up. */
  async repeat(claim: DownloadClaim): Promise<void> {
    const late = this.#late.get(nameOf(claim))
    this.#late.delete(nameOf(claim))
    await late?.giveBack
  }

  /** To be called when nobody waits any more for what a claim is answered. */
  giveUp(claim: DownloadClaim, granted: Promise<boolean>): void {
    const late: LateClaim = {}
    const isCurrent = () => this.#late.get(nameOf(claim)) === late
    this.#late.set(nameOf(claim), late)
    const giveBack = async () => {
      try {
        if (!(await granted) || !isCurrent()) return
        late.giveBack = this.#release(claim).catch(() => {})
        await late.giveBack
      } catch {
        // It took nothing, or nobody knows: the use is lost to its holder then, which is the safe side.
      } finally {
        if (isCurrent()) this.#late.delete(nameOf(claim))
      }
    }
    void giveBack()
  }
}

function nameOf({ id, attempt }: DownloadClaim): string {
  return JSON.stringify([id, attempt])
}
