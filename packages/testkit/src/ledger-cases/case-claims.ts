import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { DownloadClaim, Ledger } from '@latchkey/core'
import type { LedgerCaseContext } from '../ledger-case.js'

const HOUR = 3600

/** A claim of a new attempt: once on `a`, for an hour, unless told. */
export function claimFor(context: LedgerCaseContext, told: Partial<DownloadClaim> = {}): DownloadClaim {
  return { id: 'a', limit: 1, expiresAt: secondsFromNow(context, HOUR), attempt: newAttempt(), ...told }
}

/** Several claims alike, each of a new attempt. */
export function claimsFor(
  context: LedgerCaseContext,
  count: number,
  told: Partial<DownloadClaim> = {},
): DownloadClaim[] {
  return Array.from({ length: count }, () => claimFor(context, told))
}

/** As the core makes them. */
function newAttempt(): string {
  return randomBytes(16).toString('base64url')
}

/** Unix seconds: between so many whole seconds ahead, and one less. */
export function secondsFromNow({ clock }: LedgerCaseContext, seconds: number): number {
  return Math.floor((clock?.now() ?? Date.now()) / 1000) + seconds
}

/** Lets time pass: so many milliseconds at least. */
export async function pass({ clock }: LedgerCaseContext, ms: number): Promise<void> {
  if (clock !== undefined) clock.advance(ms)
  else await new Promise((resolve) => setTimeout(resolve, ms + 50))
}

/** Lets time pass until a moment in Unix seconds has come. */
export async function passUntil(context: LedgerCaseContext, seconds: number): Promise<void> {
  await pass(context, Math.max(0, seconds * 1000 - (context.clock?.now() ?? Date.now())))
}

/** Makes the claims at once, over one ledger or over several in turn, and says how many were granted. */
export async function granted(
  ledger: Ledger | readonly [Ledger, ...Ledger[]],
  claims: readonly DownloadClaim[],
): Promise<number> {
  const ledgers = 'claim' in ledger ? [ledger] : ledger
  const answers = await Promise.all(claims.map((claim, at) => ledgers[at % ledgers.length]?.claim(claim)))
  for (const answer of answers) assert.equal(typeof answer, 'boolean')
  return answers.filter((answer) => answer).length
}

/** Asserts that a claim is granted. */
export async function assertGranted(ledger: Ledger, claim: DownloadClaim, what = 'granted'): Promise<void> {
  assert.equal(await ledger.claim(claim), true, what)
}

/** Asserts that a claim is refused. */
export async function assertRefused(ledger: Ledger, claim: DownloadClaim, what = 'refused'): Promise<void> {
  assert.equal(await ledger.claim(claim), false, what)
}

/** Asserts how many uses of an id are left, by taking them. */
export async function assertLeft(
  context: LedgerCaseContext,
  left: number,
  told: Partial<DownloadClaim> = {},
): Promise<void> {
  const { resume: _, attempt: __, ...plain } = claimFor(context, told)
  assert.equal(await granted(context.ledger, claimsFor(context, left + 5, plain)), left, 'uses left')
}

/** The second ledger of a case that needs `another`. */
export async function anotherOf({ another }: LedgerCaseContext): Promise<Ledger> {
  assert.ok(another, 'the case needs another ledger')
  return another()
}
