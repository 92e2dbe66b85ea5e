import type { Revocation } from './contracts/ledger.js'
import type { GateSettings } from './http/gate-settings.js'
import { ledgerAnswer } from './http/ledger-patience.js'
import { openSignedUrl } from './http/open-signed-url.js'
import { type RevocationKind, revocationName } from './http/revocation-names.js'
import type { RevokeOptions } from './revoke-options.js'
import {
  assertKeyPrefix,
  assertKnownOptions,
  assertObjectKey,
  isGrantId,
  isKeyId,
  isSubject,
  LatchkeyError,
  MAX_TIME,
} from './token/index.js'

/**
 * Seconds that the clocks of processes which mint may be apart: what was issued so shortly after a revocation may have
 * been issued before it.
 */
const CLOCK_TOLERANCE = 1

/** For what is revoked whenever it was issued. */
const ALWAYS = Number.MAX_SAFE_INTEGER

interface Revoked extends Revocation {
  readonly kind: RevocationKind
  readonly values: readonly string[]
}

/** See `Latchkey.revoke`. */
export async function revoke(options: RevokeOptions, settings: GateSettings): Promise<void> {
  const { ledger, now, revocationSpace } = settings
  assertKnownOptions(options, REVOKE_OPTIONS)
  if (ledger === undefined) throw invalid('revoke needs a ledger; give createLatchkey one')
  const { kind, values, issuedBy, expiresAt } = await revocationOf(options, settings)
  // All that it is about is over.
  if (expiresAt * 1000 <= now()) return
  const names = values.map((value) => revocationName(revocationSpace, kind, value))
  await ledgerAnswer(() => ledger.revoke(names, { issuedBy, expiresAt })).catch((cause: unknown) => {
    throw new LatchkeyError('ledger_unavailable', 'the ledger gave no answer: nothing may be revoked yet', {
      cause,
    })
  })
}

const REVOKE_OPTIONS: Readonly<Record<keyof RevokeOptions, true>> = {
  id: true,
  keyPrefix: true,
  signingKey: true,
  subject: true,
  url: true,
}

async function revocationOf(options: RevokeOptions, settings: GateSettings): Promise<Revoked> {
  const { id, keyPrefix, signingKey, subject, url } = options
  const given = [id, keyPrefix, signingKey, subject, url].filter((value) => value !== undefined)
  if (given.length !== 1) throw invalid('revoke takes exactly one of url, id, subject, keyPrefix, signingKey')
  const now = Math.floor(settings.now() / 1000)
  const untilNow = { issuedBy: now + CLOCK_TOLERANCE, expiresAt: lastEnd(now, settings) }
  if (url !== undefined) return revocationOfUrl(url, settings)
  if (id !== undefined) {
    if (!isGrantId(id)) throw invalid('id must be one that was returned with a URL or a delegation')
    return { kind: 'id', values: [id], issuedBy: ALWAYS, expiresAt: lastEnd(now, settings) }
  }
  if (subject !== undefined) {
    if (!isSubject(subject)) throw invalid('subject must be 1 to 256 bytes')
    return { kind: 'subject', values: [subject], ...untilNow }
  }
  if (keyPrefix !== undefined) return { kind: 'prefix', values: prefixesOf(keyPrefix), ...untilNow }
  if (typeof signingKey !== 'string' || !isKeyId(signingKey)) {
    throw invalid('signingKey must be the id of a signing key')
  }
  // Whoever has the key sets every time as he likes, so it must never be forgotten.
  return { kind: 'key', values: [signingKey], issuedBy: ALWAYS, expiresAt: MAX_TIME }
}

async function revocationOfUrl(url: string, settings: GateSettings): Promise<Revoked> {
  const { ids, issuedAt } = await openSignedUrl(url, settings)
  const last = ids.at(-1)
  if (issuedAt === undefined || last === undefined) {
    throw invalid('url: it was minted as one that cannot be revoked; mint with revocable: true')
  }
  const expiresAt = last.expiresAt + settings.multipart.ttl
  return { kind: 'id', values: [last.id], issuedBy: ALWAYS, expiresAt }
}

/** The end of whatever was issued by now, and of the uploads in parts that it began at its very end. */
function lastEnd(now: number, { expiry, multipart }: GateSettings): number {
  // Ends are rounded up.
  return now + CLOCK_TOLERANCE + 1 + expiry.maximum + multipart.ttl
}

/** A prefix that lacks its slash must not pass for one that nothing lies below. */
function prefixesOf(keyPrefix: string): readonly string[] {
  if (typeof keyPrefix !== 'string') throw invalid('keyPrefix must be a text')
  if (keyPrefix === '' || keyPrefix.endsWith('/')) {
    assertKeyPrefix(keyPrefix)
    return [keyPrefix]
  }
  assertObjectKey(keyPrefix)
  return [keyPrefix, `${keyPrefix}/`]
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
