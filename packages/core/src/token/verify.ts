import type { MaybePromise } from '../hmac/contract.js'
import { addressAllowed } from './allowed-addresses.js'
import { downloadLimits } from './download-limits.js'
import type { Grant, Operation } from './grant.js'
import { andThen } from './maybe-promise.js'
import { type OpenedToken, type OpenFailure, type OpenOptions, openToken } from './open-token.js'
import type { OpenedTokens } from './opened-tokens.js'

/**
 * What a token can be limited to that only its verifier can hold it to: to a number of `downloads`, and to one upload in
 * parts (`pin`).
 */
export type Enforced = 'confirm' | 'downloads' | 'pin'

/** A token and the request it came with. */
export interface VerifyOptions extends OpenOptions {
  readonly operation: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  /**
   * The limits that the caller holds against the request, once it has the grant. A token with one that is not here is
   * refused, as for this caller it would be no limit; `downloads` and `confirm` concern `get` and `head` alone. Default:
   * none.
   */
  readonly enforces?: readonly Enforced[]
  /**
   * Where the request comes from, as the caller's own server has it. Without it, and for what is no address of IPv4 or
   * IPv6, a token that is bound to addresses is refused.
   */
  readonly address?: string | undefined
  /**
   * Says whether a token whose MAC holds, at a time when it is valid, was revoked; asked about every one. What it throws, or
   * rejects with, `verify` does too. Absent: a token that can be revoked is refused, as nobody would know.
   */
  readonly isRevoked?: (grant: Grant) => MaybePromise<boolean>
  /** Remembers tokens whose MAC holds. Default: none is. */
  readonly remembered?: OpenedTokens | undefined
}

/**
 * Why a token was refused, for diagnostics only: whoever sent it must not learn more than the code.
 *
 * | reason | code |
 * | --- | --- |
 * | `malformed` | `invalid_signature`: the token does not follow the grammar, or its limits |
 * | `override_not_granted` | `invalid_signature`: a later block sets what only the first may |
 * | `invalid_key` | `invalid_signature`: the key of the request is none |
 * | `unknown_key_id` | `invalid_signature`: the signing key is not in the ring |
 * | `scope_mismatch` | `invalid_signature`: the key has no prefix of the length that a block covers |
 * | `mac_mismatch` | `invalid_signature`: altered, or made for another key, audience or secret |
 * | `expired` | `expired` |
 * | `not_yet_valid` | `not_yet_valid` |
 * | `revoked` | `revoked` |
 * | `operation_not_granted` | `invalid_signature` |
 * | `address_not_allowed` | `address_not_allowed`: bound to other addresses |
 * | `address_unknown` | `address_not_allowed`: bound to addresses, and the caller gave none |
 * | `not_enforced` | `invalid_signature`: limited to an upload in parts, to a number of downloads or to confirmed ones, which the caller does not hold it to; or it can be revoked, and the caller does not look |
 */
export type VerifyFailureReason =
  | OpenFailure
  | 'expired'
  | 'not_yet_valid'
  | 'revoked'
  | 'operation_not_granted'
  | 'address_not_allowed'
  | 'address_unknown'
  | 'not_enforced'

/** A token that was refused. */
export interface VerifyFailure {
  readonly ok: false
  readonly code: 'invalid_signature' | 'expired' | 'not_yet_valid' | 'revoked' | 'address_not_allowed'
  readonly reason: VerifyFailureReason
}

/** What became of a token. */
export type VerifyResult = { readonly ok: true; readonly grant: Grant } | VerifyFailure

/**
 * Verifies a token for a key and an operation. In this order: grammar, MAC, times, revocation, operation, address; so
 * `expired`, `not_yet_valid`, `revoked` and `address_not_allowed` are said only of tokens whose MAC holds. Valid from
 * `notBefore` on and before `expiresAt`. Gives its result at once where the runtime's HMAC is synchronous (Node) and
 * `isRevoked` is, and throws for no token.
 *
 * What else the grant has, the caller holds against the request: size, type and write condition, and what `enforces` names.
 *
 * @throws LatchkeyError `invalid_option` for an audience that is none
 */
export function verify(options: VerifyOptions): MaybePromise<VerifyResult> {
  const opened = options.remembered === undefined ? openToken(options) : options.remembered.open(options)
  return opened instanceof Promise ? judgeLater(opened, options) : judge(opened, options)
}

// By itself, as a closure would have every call of the one above make a context for it.
function judgeLater(
  opened: Promise<OpenedToken | OpenFailure>,
  options: VerifyOptions,
): Promise<VerifyResult> {
  return opened.then((value) => judge(value, options))
}

/** What the MAC vouches for, held against the request. */
function judge(opened: OpenedToken | OpenFailure, options: VerifyOptions): MaybePromise<VerifyResult> {
  if (typeof opened === 'string') return refused(opened)
  const { grant } = opened
  const { isRevoked, now } = options
  // Not `now >= …`: a time that is NaN must not pass.
  if (!(now < grant.expiresAt * 1000)) return refused('expired', 'expired')
  if (grant.notBefore !== undefined && now < grant.notBefore * 1000) {
    return refused('not_yet_valid', 'not_yet_valid')
  }
  if (isRevoked === undefined) {
    return grant.issuedAt === undefined ? judgeScope(opened, options) : refused('not_enforced')
  }
  return judgeUnlessRevoked(isRevoked(grant), opened, options)
}

function judgeUnlessRevoked(
  isRevoked: MaybePromise<boolean>,
  opened: OpenedToken,
  options: VerifyOptions,
): MaybePromise<VerifyResult> {
  return andThen(isRevoked, (revoked) =>
    revoked === false ? judgeScope(opened, options) : refused('revoked', 'revoked'),
  )
}

function judgeScope(
  { blocks, grant, limitMacs }: OpenedToken,
  { address, enforces = [], operation }: VerifyOptions,
): MaybePromise<VerifyResult> {
  if (!grant.operations.includes(operation)) return refused('operation_not_granted')
  if (grant.allowedAddresses !== undefined) {
    // What an app or a framework gives is not believed to have its type.
    if (typeof address !== 'string') return refused('address_unknown', 'address_not_allowed')
    if (!addressAllowed(address, grant.allowedAddresses)) {
      return refused('address_not_allowed', 'address_not_allowed')
    }
  }
  if (grant.pin !== undefined && !enforces.includes('pin')) return refused('not_enforced')
  // An upload or a removal is no download.
  const reads = operation === 'get' || operation === 'head'
  if (limitMacs.length > 0 && reads && !enforces.includes('downloads')) return refused('not_enforced')
  if (grant.confirm && reads && !enforces.includes('confirm')) return refused('not_enforced')
  if (limitMacs.length === 0) return { ok: true, grant }
  return withLimits(grant, blocks, limitMacs)
}

function withLimits(
  grant: Grant,
  blocks: OpenedToken['blocks'],
  limitMacs: OpenedToken['limitMacs'],
): MaybePromise<VerifyResult> {
  return andThen(downloadLimits(blocks, limitMacs), (limits) => ({
    ok: true,
    grant: { ...grant, downloadLimits: limits },
  }))
}

function refused(
  reason: VerifyFailureReason,
  code: VerifyFailure['code'] = 'invalid_signature',
): VerifyFailure {
  return { ok: false, code, reason }
}
