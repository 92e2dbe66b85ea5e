import type { MaybePromise } from '../hmac/contract.js'
import { writeBlock } from './block.js'
import { firstMac } from './chain.js'
import type { WrittenFields } from './draft.js'
import type { GrantFields, Operation, Scope } from './grant.js'
import { withGrantId } from './grant-id.js'
import type { KeyRing } from './key-ring.js'
import { LatchkeyError } from './latchkey-error.js'
import { writeScope } from './scope.js'
import { MAX_TOKEN_LENGTH } from './token-text.js'
import { withFields } from './with-fields.js'

/** What a token is made from. */
export interface MintOptions {
  readonly keys: KeyRing
  /** Names the mount: 1 to 1 024 bytes without control characters. Tokens verify under no other. */
  readonly audience: string
  readonly scope: Scope
  /** `expires` and `operations` are required. */
  readonly fields: GrantFields
}

/**
 * Mints a token of one block with the active key: one HMAC, at once where the runtime's HMAC is synchronous (Node).
 *
 * @throws LatchkeyError `invalid_key` for a key or prefix that is none; `invalid_option` for fields that are missing
 *   or out of bounds, and for a token that would be longer than 4 096 characters
 */
export function mint({ keys, audience, scope, fields }: MintOptions): MaybePromise<string> {
  if (fields.expires === undefined || fields.operations === undefined) {
    throw new LatchkeyError('invalid_option', 'A grant needs expires and operations')
  }
  if (fields.resumeWindow !== undefined && fields.maxDownloads === undefined) {
    throw new LatchkeyError('invalid_option', 'resumeWindow needs maxDownloads')
  }
  const { covered, prefixLength } = writeScope(scope)
  const counted = withGrantId(fields)
  const text = headOf(
    keys.activeId,
    prefixLength === undefined ? counted : withFields(counted, { prefixLength }),
  )
  const mac = keys.macOf(keys.activeId)
  if (mac === undefined) throw new LatchkeyError('invalid_option', 'The key ring lacks its active key')
  const signed = firstMac(mac, audience, text, covered)
  return signed instanceof Promise ? signed.then((value) => withMac(text, value)) : withMac(text, signed)
}

interface Head {
  readonly kid: string
  readonly expires: number
  readonly operations: readonly Operation[]
  readonly text: string
}

// The links of a page are minted in one go, so that the text of one is often that of the next; and what was joined of pieces
// is made into one when it is first read, which takes half as long as to hash it.
let last: Head | undefined

/** What a token has in front of its MAC. */
function headOf(kid: string, fields: WrittenFields): string {
  const { expires, operations } = fields
  if (expires === undefined || operations === undefined || hasMore(fields)) return kid + writeBlock(fields)
  if (last?.expires !== expires || last.kid !== kid || !areSame(last.operations, operations)) {
    last = { kid, expires, operations: [...operations], text: kid + writeBlock(fields) }
  }
  return last.text
}

/** Whether a field is there beside those that every grant has. */
function hasMore(fields: WrittenFields): boolean {
  for (const name in fields) if (name !== 'expires' && name !== 'operations') return true
  return false
}

function areSame(one: readonly Operation[], other: readonly Operation[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** A token of its parts, if it is not too long. */
export function withMac(text: string, mac: string): string {
  const token = `${text}.${mac}`
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new LatchkeyError('invalid_option', `The token would be longer than ${MAX_TOKEN_LENGTH} characters`)
  }
  return token
}
