import assert from 'node:assert/strict'
import type { DownloadClaim, LatchkeyOptions, Ledger } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { pause } from '../http-cases/exchange.js'

interface Window {
  readonly openedBy: string
  /** Milliseconds. */
  readonly closesAt: number
  joined: boolean
}

/** A ledger that a case can look into, and can break. */
export class CaseLedger implements Ledger {
  /** Uses taken and not given back, by id. */
  readonly used = new Map<string, number>()
  /** Calls of `claim`. */
  claims = 0
  /** What happens before a call is answered. */
  onClaim: () => Promise<void> = async () => {}
  /** What happens once a claim is granted, before that is answered. */
  onGranted: () => Promise<void> = async () => {}
  onRelease: () => Promise<void> = async () => {}
  onIsSpent: () => Promise<void> = async () => {}

  /** Attempts that were granted and not given back, with whether they took a use. */
  readonly #attempts = new Map<string, boolean>()
  /** Attempts whose claim gave no answer: they may be given back although they took nothing. */
  readonly #unanswered = new Set<string>()
  readonly #windows = new Map<string, Window>()
  readonly #now: () => number

  /** @param now milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  async claim(claim: DownloadClaim): Promise<boolean> {
    const { id, limit, expiresAt, attempt, resume } = claim
    this.claims++
    this.#unanswered.add(id + attempt)
    await this.onClaim()
    this.#unanswered.delete(id + attempt)
    assert.ok(limit >= 1 && Number.isSafeInteger(expiresAt) && attempt.length >= 22)
    assert.ok(resume === undefined || (resume.client.length > 0 && resume.client.length <= 64))
    assert.ok(!this.#attempts.has(id + attempt), 'one attempt was claimed twice')
    const window = this.#openWindow(claim)
    if (window !== undefined) window.joined = true
    else if ((this.used.get(id) ?? 0) >= limit) return false
    else this.used.set(id, (this.used.get(id) ?? 0) + 1)
    this.#attempts.set(id + attempt, window === undefined)
    if (window === undefined && resume !== undefined) {
      const closesAt = this.#now() + resume.seconds * 1000
      this.#windows.set(id + resume.client, { openedBy: attempt, closesAt, joined: false })
    }
    await this.onGranted()
    return true
  }

  async isSpent(claim: Omit<DownloadClaim, 'attempt'>): Promise<boolean> {
    await this.onIsSpent()
    return this.#openWindow(claim) === undefined && (this.used.get(claim.id) ?? 0) >= claim.limit
  }

  async release({ id, attempt, resume }: DownloadClaim): Promise<void> {
    await this.onRelease()
    const tookOne = this.#attempts.get(id + attempt)
    const known = this.#attempts.delete(id + attempt) || this.#unanswered.delete(id + attempt)
    assert.ok(known, 'a use was given back that nobody had taken')
    if (tookOne !== true) return
    const name = id + (resume?.client ?? '')
    const window = this.#windows.get(name)
    if (window?.openedBy === attempt) {
      if (window.joined && this.#now() < window.closesAt) return
      this.#windows.delete(name)
    }
    this.used.set(id, (this.used.get(id) ?? 0) - 1)
  }

  #openWindow({ id, resume }: Omit<DownloadClaim, 'attempt'>): Window | undefined {
    const window = resume?.joins ? this.#windows.get(id + resume.client) : undefined
    return window !== undefined && this.#now() < window.closesAt ? window : undefined
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
      const ledger = new CaseLedger(context.clock.now)
      const faults: unknown[] = []
      const onError = (error: unknown): void => {
        faults.push(error)
      }
      await run(await context.serve({ ledger, onError, ...options }), ledger, faults)
    },
  }
}

/** As `limitCase`, over a storage that reads parts of an object, and tells its versions apart by their ETags. */
export function rangesCase(...of: Parameters<typeof limitCase>): HttpCase {
  return { ...limitCase(...of), needs: ['ranges', 'strongEtags'] }
}
