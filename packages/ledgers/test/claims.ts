import { randomBytes } from 'node:crypto'
import type { DownloadClaim, Ledger } from '@latchkey/core'

/** A claim of a new attempt: once on `a`, for an hour, unless told. */
export function claimFor(told: Partial<DownloadClaim> = {}): DownloadClaim {
  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  return { id: 'a', limit: 1, expiresAt, attempt: randomBytes(16).toString('base64url'), ...told }
}

/** Makes a claim again and again until it is answered, as a client does that repeats what it lost. */
export async function persist(ledger: Ledger, claim: DownloadClaim): Promise<boolean> {
  for (;;) {
    try {
      return await ledger.claim(claim)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
