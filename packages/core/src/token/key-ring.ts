import { createMac } from '#hmac'
import type { MacFunction } from '../hmac/contract.js'
import { LatchkeyError } from './latchkey-error.js'
import { encodeUtf8 } from './runtime.js'
import { isKeyId } from './token-text.js'

/** A secret with a name. */
export interface SigningKey {
  /** 1 to 64 characters of `A-Z a-z 0-9 _ -`. It stands in every token, in clear. */
  readonly id: string
  /**
   * At least 32 bytes, random. A text counts as its UTF-8 bytes. `undefined`, as an environment variable that is not
   * set, is refused when the ring is made.
   */
  readonly secret: string | Uint8Array | undefined
}

/** Signing keys made ready: the first one signs, all of them verify. Shows nothing of a secret. */
export interface KeyRing {
  /** Id of the key that signs. */
  readonly activeId: string
  /** Ids of all keys, in the order they were given. */
  readonly ids: readonly string[]
  /** The MAC function of a key; `undefined` for an id that is not in the ring. */
  macOf(id: string): MacFunction | undefined
}

const MIN_SECRET_BYTES = 32
const HOW_TO_GENERATE = 'generate one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"'

/**
 * Makes signing keys ready. To rotate, put the new key first and keep the old ones until their tokens,
 * and the uploads in parts that these began, have expired.
 *
 * @throws LatchkeyError `invalid_option`: no key, a malformed or repeated id, a secret that is missing or shorter
 *   than 32 bytes
 */
export function createKeyRing(keys: readonly SigningKey[]): KeyRing {
  if (!Array.isArray(keys)) throw new LatchkeyError('invalid_option', 'keys must be an array of keys')
  const macs = new Map<string, MacFunction>()
  for (const [at, { id, secret }] of keys.entries()) {
    if (typeof id !== 'string' || !isKeyId(id)) {
      throw new LatchkeyError(
        'invalid_option',
        `keys[${at}].id must be 1 to 64 characters of A-Z a-z 0-9 _ -`,
      )
    }
    if (macs.has(id)) throw new LatchkeyError('invalid_option', `keys[${at}].id '${id}' is there twice`)
    macs.set(id, createMac(secretBytes(secret, `keys[${at}].secret`)))
  }
  const activeId = keys[0]?.id
  if (activeId === undefined) {
    throw new LatchkeyError('invalid_option', `keys must have at least one key; ${HOW_TO_GENERATE}`)
  }
  return { activeId, ids: Object.freeze([...macs.keys()]), macOf: (id) => macs.get(id) }
}

function secretBytes(secret: string | Uint8Array | undefined, name: string): Uint8Array {
  const bytes = typeof secret === 'string' ? encodeUtf8(secret) : secret
  if (!(bytes instanceof Uint8Array)) {
    throw new LatchkeyError('invalid_option', `${name} is missing; ${HOW_TO_GENERATE}`)
  }
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new LatchkeyError(
      'invalid_option',
      `${name} must be at least ${MIN_SECRET_BYTES} bytes; ${HOW_TO_GENERATE}`,
    )
  }
  return bytes
}
