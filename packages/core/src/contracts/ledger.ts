/** One download that wants to be counted. */
export interface DownloadClaim {
  /** What is counted: that of the limit (`DownloadLimit`). */
  readonly id: string
  /** How many downloads the id is good for, 1 to 2^53 - 1. */
  readonly limit: number
  /**
   * Unix seconds; from then on the ledger may forget the id. That of the limit, not of the token that was presented: a
   * holder who narrowed it to a second's life would else have the count forgotten.
   */
  readonly expiresAt: number
  /** Made up for each request, 128 random bits. A claim that is repeated with it, as its answer was lost, counts once. */
  readonly attempt: string
  /** Present where requests of one client may share a download. */
  readonly resume?: ResumeWindow
}

/** The time in which a client may come back for the rest of a download that was counted. */
export interface ResumeWindow {
  /** Who asks, at most 64 characters. Only the same client shares. */
  readonly client: string
  /** Seconds that the window stays open after the request that was counted, 1 to 604 800. */
  readonly seconds: number
  /** Whether the request asks for a part only, and so may join a download that has been counted. */
  readonly joins: boolean
}

/** What a revocation says of the tokens that bear one of its names. */
export interface Revocation {
  /** Unix seconds: tokens issued then or before are revoked. `Number.MAX_SAFE_INTEGER`: all of them. */
  readonly issuedBy: number
  /** Unix seconds; no such token lives longer, so the ledger may forget the revocation from then on. */
  readonly expiresAt: number
}

/**
 * The shared store that counts downloads and remembers revocations. Each operation is atomic across all processes that
 * share the ledger. One that cannot answer throws, soon; nothing is served then.
 */
export interface Ledger {
  /**
   * Takes one of `limit` uses of an id: of N racing claims, exactly min(N, limit) get `true`. In this order:
   *
   * 1. An attempt that has been granted is granted again, and takes nothing.
   * 2. A claim that `joins` while the window of its id and client is open is granted, and takes nothing.
   * 3. Where `limit` uses are taken, or `expiresAt` has come, it is refused.
   * 4. It takes a use. With `resume`, the window of its id and client is open from now on for `seconds`.
   *
   * An attempt is remembered for 5 minutes at least, or until `expiresAt`.
   */
  claim(claim: DownloadClaim): Promise<boolean>
  /**
   * Gives back what the attempt took, as nothing came of it, and closes the window that it opened; but where another attempt
   * has joined that, the use stays taken, also when the window has closed or been opened anew since. Does nothing for an
   * attempt that took nothing, is unknown, or has been given back.
   */
  release(claim: DownloadClaim): Promise<void>
  /** Whether `claim` would refuse, whatever the attempt. Takes nothing. */
  isSpent(claim: Omit<DownloadClaim, 'attempt'>): Promise<boolean>
  /**
   * Revokes the tokens that bear one of the names. Of several revocations of a name, the largest `issuedBy` and the
   * largest `expiresAt` hold.
   *
   * @param names any texts, each of at most 1 100 bytes
   */
  revoke(names: readonly string[], revocation: Revocation): Promise<void>
  /**
   * Whether a token is revoked that bears these names, up to 600, and was issued then.
   *
   * @param issuedAt Unix seconds
   */
  isRevoked(names: readonly string[], issuedAt: number): Promise<boolean>
}
