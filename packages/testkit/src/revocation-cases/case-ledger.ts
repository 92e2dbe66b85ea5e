import assert from 'node:assert/strict'
import type { LatchkeyOptions, Ledger, Revocation } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'

/** A ledger that a case can look into, and can break. */
export class CaseLedger implements Ledger {
  /** What was revoked. */
  readonly revocations = new Map<string, Revocation>()
  /** Calls of `isRevoked`. */
  looks = 0
  /** What happens before a call is answered. */
  onIsRevoked: () => Promise<void> = async () => {}

  async revoke(names: readonly string[], revocation: Revocation): Promise<void> {
    const { issuedBy, expiresAt } = revocation
    assert.ok(names.length > 0 && Number.isSafeInteger(issuedBy) && Number.isSafeInteger(expiresAt))
    for (const name of names) {
      assert.ok(Buffer.byteLength(name) <= 1100)
      this.revocations.set(name, revocation)
    }
  }

  async isRevoked(names: readonly string[], issuedAt: number): Promise<boolean> {
    this.looks++
    await this.onIsRevoked()
    assert.ok(names.length <= 600 && Number.isSafeInteger(issuedAt))
    for (const name of names) assert.ok(Buffer.byteLength(name) <= 1100)
    return names.some((name) => (this.revocations.get(name)?.issuedBy ?? -1) >= issuedAt)
  }

  async claim(): Promise<boolean> {
    return assert.fail('a download was counted, where none is limited')
  }

  async isSpent(): Promise<boolean> {
    return assert.fail('a count was asked for, where none is limited')
  }

  async release(): Promise<void> {
    assert.fail('a download was given back, where none is limited')
  }
}

/** More than a revocation of a subject or a prefix reaches ahead, in milliseconds. */
export const LATER = 2_000

/** A case over a Latchkey with a ledger of its own. `faults` gets what the app was told of. */
export function revocationCase(
  name: string,
  run: (context: HttpCaseContext, ledger: CaseLedger, faults: readonly unknown[]) => Promise<void>,
  options: Partial<LatchkeyOptions> = {},
): HttpCase {
  return {
    name,
    async run(context) {
      const ledger = new CaseLedger()
      const faults: unknown[] = []
      const onError = (error: unknown): void => {
        faults.push(error)
      }
      await run(await context.serve({ ledger, onError, ...options }), ledger, faults)
    },
  }
}
