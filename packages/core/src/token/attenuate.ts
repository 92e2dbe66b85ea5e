import type { MaybePromise } from '../hmac/contract.js'
import { writeBlock } from './block.js'
import { nextMac } from './chain.js'
import { effectiveGrant } from './effective-grant.js'
import type { GrantFields, Scope } from './grant.js'
import { withGrantId } from './grant-id.js'
import { LatchkeyError } from './latchkey-error.js'
import { andThen } from './maybe-promise.js'
import { withMac } from './mint.js'
import { intersectOperations } from './operations.js'
import { writeScope } from './scope.js'
import { readToken, type TokenText } from './token-text.js'
import { withFields } from './with-fields.js'

/** How a token is narrowed. */
export interface AttenuateOptions {
  /** Absent: the scope stays as it is. A scope outside the token's own gives a token that verifies nowhere. */
  readonly scope?: Scope
  readonly fields?: GrantFields
}

/**
 * Appends a block that narrows a token; needs no secret but the token. `expires` is capped by the token's own end,
 * and what the token's blocks limit stays limited whatever the new block says.
 *
 * @throws LatchkeyError `invalid_option`: a malformed token; fields out of bounds; operations of which the token
 *   grants none; `issuedAt`, `subject` or `payload`, which are the first block's; `resumeWindow` without `maxDownloads`;
 *   `cacheControlMaxAge`, `download` or `responseHeaders` without `overrides` in every block so far; more than 8
 *   blocks or 4 096 characters.
 *   `invalid_key`: a key or prefix that is none
 */
export function attenuate(token: string, { scope, fields = {} }: AttenuateOptions): MaybePromise<string> {
  const current = readToken(token)
  if (typeof current === 'string') throw new LatchkeyError('invalid_option', 'The token is malformed')
  // Without a scope the block covers the empty prefix, which every key has.
  const { covered, prefixLength } = writeScope(scope ?? { prefix: '' })
  const narrowed = withGrantId(capped(fields, current))
  const block = writeBlock(prefixLength === undefined ? narrowed : withFields(narrowed, { prefixLength }))
  if (block === '') throw new LatchkeyError('invalid_option', 'A block needs a field')
  const text = token.slice(0, -current.mac.length - 1) + block
  // Read before it is signed: what a verifier would refuse is refused here, by the very same rules.
  const fault = readToken(`${text}.${current.mac}`)
  if (typeof fault === 'string') throw new LatchkeyError('invalid_option', refusals[fault])
  return andThen(nextMac(current.mac, block.slice(1), covered), (mac) => withMac(text, mac))
}

const refusals = {
  malformed:
    'The token cannot take this block: what it was issued with, its subject and its payload are the first block’s, a resumeWindow goes with maxDownloads, and there may be 8 blocks and 4096 characters',
  override_not_granted:
    'The token does not grant overrides: headers, file name and cache age stay as they are',
}

function capped(fields: GrantFields, { kid, blocks }: TokenText): GrantFields {
  const grant = effectiveGrant(kid, blocks, '')
  const { operations, expires } = fields
  if (operations !== undefined && intersectOperations(operations, grant.operations).length === 0) {
    throw new LatchkeyError('invalid_option', 'The token grants none of these operations')
  }
  return expires === undefined ? fields : { ...fields, expires: Math.min(expires, grant.expiresAt) }
}
