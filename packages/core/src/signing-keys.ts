import { createHash } from 'node:crypto'
import { createKeyRing, type KeyRing, LatchkeyError, type SigningKey } from './token/index.js'

/** The signing keys of a mount, which can be changed while it serves. */
export interface SigningKeys {
  /** Id of the key that signs. */
  readonly activeId: string
  /** Ids of all keys, which all verify; the one that signs is the first. */
  readonly ids: readonly string[]
  /**
   * Puts other keys in the place of all there are, in one step: the first signs, all of them verify. Requests under way go
   * on with those that they began with. Changes this process alone.
   *
   * @throws LatchkeyError `invalid_option`, and everything stays as it was: no key, a malformed or repeated id, a secret
   *   that is missing or shorter than 32 bytes, or an id whose secret was another until now
   */
  reload(keys: readonly SigningKey[]): void
}

/** A ring to be taken in the place of another. */
export interface NextRing {
  readonly ring: KeyRing
  readonly prints: SecretPrints
}

/** What tells secrets apart without holding them, by id. */
export type SecretPrints = ReadonlyMap<string, string>

/**
 * Makes keys ready that follow others.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function nextRing(keys: readonly SigningKey[], before: SecretPrints = new Map()): NextRing {
  const ring = createKeyRing(keys)
  const prints = new Map(keys.map(({ id, secret }) => [id, printOf(secret)]))
  for (const [id, print] of prints) {
    // Its URLs would break in this process and hold in the next.
    if (before.has(id) && before.get(id) !== print) {
      throw new LatchkeyError(
        'invalid_option',
        `keys: '${id}' had another secret; give a new secret a new id`,
      )
    }
  }
  return { ring, prints }
}

function printOf(secret: SigningKey['secret']): string {
  return createHash('sha256')
    .update(secret ?? '')
    .digest('base64')
}
