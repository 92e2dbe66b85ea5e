import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authorize, Decision, MintIntent } from './contracts/authorize.js'
import type { GateRequest } from './contracts/gate.js'
import { LatchkeyError } from './token/index.js'

/** The keys that clients may present. Each is 16 to 512 characters of `A-Z a-z 0-9 - . _ ~ + /`, then perhaps `=`. */
export interface BearerKeys {
  /** For servers: they may mint whatever they ask for. At least one. */
  readonly secret: readonly (string | undefined)[]
  /** For clients that show their key to everyone: they are known, and may mint nothing. At least one, or absent. */
  readonly publishable?: readonly (string | undefined)[]
}

/**
 * An `authorize` for clients that are told apart by a key in `Authorization: Bearer …` (RFC 6750), nothing more.
 * Whoever has a secret key gets any URL that it asks for, for as long as it asks within the mount's bounds, and
 * may upload new objects, not replace any; a publishable key is `forbidden` everything, any other key
 * `unauthorized`. Keys are kept and compared as SHA-256 hashes, all of them each time, so that the time that it takes
 * says nothing of them.
 *
 * @throws LatchkeyError `invalid_option` for an empty list, a key that is missing, shorter than 16 characters, of other
 *   characters, or there twice
 */
export function bearerKeys(keys: BearerKeys): Authorize<Pick<GateRequest, 'header'>> {
  const secret = digestsOf(keys.secret, 'secret')
  const publishable = keys.publishable === undefined ? [] : digestsOf(keys.publishable, 'publishable')
  requireDistinct([...secret, ...publishable])
  return (request, intent) => {
    const presented = bearerOf(request.header('authorization'))
    if (presented === undefined) return 'unauthorized'
    const digest = sha256(presented)
    const isSecret = isAmong(digest, secret)
    const isPublishable = isAmong(digest, publishable)
    if (isSecret) return whateverIsAskedFor(intent)
    return isPublishable ? 'forbidden' : 'unauthorized'
  }
}

function whateverIsAskedFor(intent: MintIntent): Decision {
  const life = intent.expiresIn === undefined ? {} : { expiresIn: intent.expiresIn }
  if (intent.operation === 'put') return life
  return { ...life, operations: intent.operation === 'get' ? ['get', 'head'] : [intent.operation] }
}

/** RFC 6750, section 2.1; a second value, or anything else beside the key, makes it no key. */
const CREDENTIALS = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

function bearerOf(field: string | undefined): string | undefined {
  return field === undefined ? undefined : CREDENTIALS.exec(field)?.[1]
}

/** Looks at every candidate, also behind the one that is found. */
function isAmong(digest: Buffer, candidates: readonly Buffer[]): boolean {
  let found = 0
  for (const candidate of candidates) found |= Number(timingSafeEqual(digest, candidate))
  return found === 1
}

const KEY = /^[A-Za-z0-9._~+/-]+=*$/
const SHORTEST = 16
const LONGEST = 512

function digestsOf(keys: readonly (string | undefined)[], name: string): readonly Buffer[] {
  if (!Array.isArray(keys) || keys.length === 0)
    throw new LatchkeyError('invalid_option', `bearerKeys: ${name} must have at least one key`)
  return keys.map((key, at) => {
    if (typeof key !== 'string' || key.length < SHORTEST || key.length > LONGEST || !KEY.test(key)) {
      throw new LatchkeyError(
        'invalid_option',
        `bearerKeys: ${name}[${at}] must be ${SHORTEST} to ${LONGEST} characters of A-Z a-z 0-9 - . _ ~ + / and then =`,
      )
    }
    return sha256(key)
  })
}

/** A key in both lists would be secret and public at once. */
function requireDistinct(digests: readonly Buffer[]): void {
  const seen = new Set(digests.map((digest) => digest.toString('hex')))
  if (seen.size !== digests.length)
    throw new LatchkeyError('invalid_option', 'bearerKeys: a key is there twice')
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
