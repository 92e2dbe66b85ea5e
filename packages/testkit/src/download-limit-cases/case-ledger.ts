import assert from 'node:assert/strict'
import type { DownloadClaim, LatchkeyOptions, Ledger } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { pause } from '../http-cases/exchange.js'

/** A ledger that a case can look into, and can break. */
export class CaseLedger implements Ledger {
  /** Uses taken and not given back, by id. */
  readonly used = new Map<string, number>()
  /** Calls of `claim`. */
  claims = 0
  /** What happens before a call is answered. */
  onClaim: () => Promise<void> = async () => {}
  onRelease: () => Promise<void> = async () => {}
  onIsSpent: () => Promise<void> = async () => {}

  /** Attempts that took a use and have not given it back. */
  readonly #attempts = new Set<string>()

  async claim({ id, limit, expiresAt, attempt }: DownloadClaim): Promise<boolean> {
    this.claims++
    await this.onClaim()
    assert.ok(limit >= 1 && Number.isSafeInteger(expiresAt) && attempt.length >= 22)
    const used = this.used.get(id) ?? 0
    if (used >= limit) return false
    assert.ok(!this.#attempts.has(id + attempt), 'one attempt took a use twice')
    this.#attempts.add(id + attempt)
    this.used.set(id, used + 1)
    return true
  }

  async isSpent({ id, limit }: Omit<DownloadClaim, 'attempt'>): Promise<boolean> {
    await this.onIsSpent()
    return (this.used.get(id) ?? 0) >= limit
  }

  async release({ id, attempt }: DownloadClaim): Promise<void> {
    await this.onRelease()
    assert.ok(this.#attempts.delete(id + attempt), 'a use was given back that nobody had taken')
    this.used.set(id, (this.used.get(id) ?? 0) - 1)
  }

  async revoke(): Promise<void> {
    assert.fail('a revocation, where downloads are counted')
  }

  async isRevoked(): Promise<boolean> {
    return assert.fail('a look for revocations, where downloads are counted')
  }

  /** Uses of all ids together. */
  get total(): number {
    return [...this.used.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Asserts how many uses are taken, within moments: a connection may break before the server notices. */
  async assertUsed(uses: number): Promise<void> {
    for (let tries = 0; tries < 200 && this.total !== uses; tries++) await pause(20)
    assert.equal(this.total, uses, 'uses taken')
  }
}

/** A case over a Latchkey with a ledger of its own. `faults` gets what the app was told of. */
export function limitCase(
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
