/**
 * The shared store that counts downloads. Each operation is atomic across all processes that share the ledger. A
 * ledger that cannot answer throws; nothing is served then.
 */
export interface Ledger {
  /**
   * Takes one of `limit` uses of an id: of N racing claims, exactly min(N, limit) get `true`.
   *
   * @param expiresAt Unix seconds; from then on the ledger may forget the id. That of the limit (`DownloadLimit`), not of the
   *   token that was presented: a holder who narrowed it to a second's life would else have the count forgotten
   */
  claim(id: string, limit: number, expiresAt: number): Promise<boolean>
  /**
   * Whether `claim` would refuse; takes nothing. A ledger should have it. Without it a HEAD on a limited URL claims a use
   * and gives it back, so that a GET at the same moment may find the last one taken.
   */
  isSpent?(id: string, limit: number): Promise<boolean>
  /** Gives back one use that was claimed and came to nothing. */
  release(id: string): Promise<void>
}
