import type { Ledger } from '@latchkey/core'

const TRIES = 20

/**
 * A ledger that asks again where it got no answer, as a client may: what it is asked has the same effect when it is asked
 * twice. For tests that many others run beside: there a server may take longer than a ledger waits.
 */
export function insistingLedger(ledger: Ledger): Ledger {
  return {
    claim: (claim) => insist(() => ledger.claim(claim)),
    release: (claim) => insist(() => ledger.release(claim)),
    isSpent: (claim) => insist(() => ledger.isSpent(claim)),
    revoke: (names, revocation) => insist(() => ledger.revoke(names, revocation)),
    isRevoked: (names, issuedAt) => insist(() => ledger.isRevoked(names, issuedAt)),
  }
}

async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let failed = 1; ; failed++) {
    try {
      return await ask()
    } catch (error) {
      if (failed === TRIES) throw error
    }
  }
}
