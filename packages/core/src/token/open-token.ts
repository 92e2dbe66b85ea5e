import { equalMacs } from '#hmac'
import type { MaybePromise } from '../hmac/contract.js'
import { firstMac, nextMac } from './chain.js'
import type { LimitMac } from './download-limits.js'
import { coveredText, effectiveGrant } from './effective-grant.js'
import type { Grant } from './grant.js'
import type { KeyRing } from './key-ring.js'
import { isObjectKey } from './object-key.js'
import { readToken, type TokenText } from './token-text.js'

/** A token, and what it has to be made for. */
export interface OpenOptions {
  readonly keys: KeyRing
  readonly audience: string
  readonly token: string
  /** The key of the request, decoded. */
  readonly key: string
}

/** Why a token is none of ours. See `VerifyFailureReason`. */
export type OpenFailure =
  | 'malformed'
  | 'override_not_granted'
  | 'invalid_key'
  | 'unknown_key_id'
  | 'scope_mismatch'
  | 'mac_mismatch'

/** A token whose MAC holds. Nothing else about it has been held against anything. */
export interface OpenedToken {
  readonly blocks: TokenText['blocks']
  /** But for the download limits, which follow from `limitMacs`. */
  readonly grant: Grant
  readonly limitMacs: readonly LimitMac[]
}

/**
 * Opens a token, whatever its times: grammar, key, MAC. Gives its result at once where the runtime's HMAC is synchronous.
 *
 * @throws LatchkeyError `invalid_option` for an audience that is none
 */
export function openToken(options: OpenOptions): MaybePromise<OpenedToken | OpenFailure> {
  const { keys, audience, key } = options
  const token = readToken(options.token)
  if (typeof token === 'string') return token
  if (!isObjectKey(key)) return 'invalid_key'
  const sign = keys.macOf(token.kid)
  if (sign === undefined) return 'unknown_key_id'
  const first = token.blocks[0]
  const covered = first && coveredText(first.fields.prefixLength, key)
  if (covered === undefined) return 'scope_mismatch'
  return follow(firstMac(sign, audience, token.head, covered), token, 0, NO_MACS, key)
}

const NO_MACS: readonly LimitMac[] = []

function follow(
  mac: MaybePromise<string>,
  token: TokenText,
  at: number,
  macs: readonly LimitMac[],
  key: string,
): MaybePromise<OpenedToken | OpenFailure> {
  return mac instanceof Promise
    ? followLater(mac, token, at, macs, key)
    : followChain(mac, token, at, macs, key)
}

// By itself, as a closure would have every call of the one above make a context for it.
function followLater(
  mac: Promise<string>,
  token: TokenText,
  at: number,
  macs: readonly LimitMac[],
  key: string,
): Promise<OpenedToken | OpenFailure> {
  return mac.then((value) => followChain(value, token, at, macs, key))
}

/** @param macs those of the blocks before `at` that limit downloads: few tokens have one, so no others are kept */
function followChain(
  mac: string,
  token: TokenText,
  at: number,
  macs: readonly LimitMac[],
  key: string,
): MaybePromise<OpenedToken | OpenFailure> {
  const { blocks } = token
  const limitMacs = blocks[at]?.fields.maxDownloads === undefined ? macs : [...macs, { at, mac }]
  const block = blocks[at + 1]
  if (block === undefined) {
    if (!equalMacs(mac, token.mac)) return 'mac_mismatch'
    return { blocks, grant: effectiveGrant(token.kid, blocks, key), limitMacs }
  }
  const covered = coveredText(block.fields.prefixLength, key)
  if (covered === undefined) return 'scope_mismatch'
  return follow(nextMac(mac, block.text, covered), token, at + 1, limitMacs, key)
}
