import { randomBytes } from 'node:crypto'
import type { DownloadClaim, Ledger } from '@latchkey/core'

const PATIENCE_MS = 30_000
const SOON_MS = 5_000

/** Asks again and again, as a client does, until there is an answer. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw new Error('no answer after half a minute', { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Every call of a ledger, by name. */
export function callsOf(ledger: Ledger, claim: DownloadClaim): Record<string, () => Promise<unknown>> {
  const fresh = () => ({ ...claim, attempt: randomBytes(16).toString('base64url') })
  return {
    claim: () => ledger.claim(fresh()),
    release: () => ledger.release(claim),
    isSpent: () => ledger.isSpent(claim),
    revoke: () => ledger.revoke(['a'], { issuedBy: 1, expiresAt: claim.expiresAt }),
    isRevoked: () => ledger.isRevoked(['a', 'b'], 1),
  }
}

/** What became of a call: an answer, a fault, or nothing within seconds. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer for ${SOON_MS} ms`), SOON_MS)
  })
  const outcome = call().then(
    (answer) => `answered ${String(answer)}`,
    () => 'threw',
  )
  const first = await Promise.race([outcome, late])
  clearTimeout(timer)
  return first
}
