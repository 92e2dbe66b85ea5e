import { attenuate } from './attenuate.js'
import { coveredText, effectiveGrant } from './effective-grant.js'
import type { Grant, Operation, Scope } from './grant.js'
import { assertKnownOptions } from './known-options.js'
import { LatchkeyError } from './latchkey-error.js'
import { idOfNarrowed, narrowingFields } from './narrowing-fields.js'
import { NARROWING_OPTIONS, type NarrowingOptions } from './narrowing-options.js'
import { assertObjectKey } from './object-key.js'
import { encodeObjectKey } from './object-path.js'
import { invalid, isOn } from './option-values.js'
import { requireFittingOperation } from './presign-operation.js'
import { withRandomSuffix } from './random-suffix.js'
import { writeScope } from './scope.js'
import type { PortableSignedToken } from './signed-token.js'
import type { SignedUrl } from './signed-url.js'
import { readToken } from './token-text.js'
import { withFields } from './with-fields.js'

/** Options of a URL that is signed with a delegation. */
export interface PresignOptions extends NarrowingOptions {
  /** The one thing that the URL allows. */
  readonly operation: Operation
  /** The name of the object; in the delegation's scope. */
  readonly key: string
  /** Default 3600 s, or to the delegation's end if that is sooner. */
  readonly expiresIn?: number | string
  /**
   * `true` gives the key its random suffix here and now. With a delegation that adds suffixes itself the server adds one
   * to each upload whatever is said here, and this adds no other. Default `false`.
   */
  readonly addRandomSuffix?: boolean
}

/** A URL that was signed with a delegation. */
export interface PresignedUrl extends SignedUrl {
  /** The request method that the URL is for. */
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'PUT'
  /** The key that the URL is for: the one given, or with its random suffix. */
  readonly key: string
}

const PRESIGN_OPTIONS: Readonly<Record<keyof PresignOptions, true>> = {
  ...NARROWING_OPTIONS,
  key: true,
  operation: true,
}

const METHODS = { delete: 'DELETE', get: 'GET', head: 'HEAD', put: 'PUT' } as const

/**
 * Signs a URL with a delegation: one HMAC, no request, no secret but the delegation. Works on every runtime.
 *
 * @param token what `issueSignedToken` gave, also through JSON
 * @throws LatchkeyError `invalid_option`: the delegation is malformed or over; an option is out of its bounds, does not fit
 *   the operation, or asks for more than the delegation has. `invalid_key`: a key that is none
 */
export async function presignUrl(token: PortableSignedToken, options: PresignOptions): Promise<PresignedUrl> {
  assertKnownOptions(options, PRESIGN_OPTIONS)
  const { operation } = options
  const { joined, grant } = openDelegation(token)
  if (!Object.hasOwn(METHODS, operation)) throw invalid('operation must be get, head, put or delete')
  if (!grant.operations.includes(operation))
    throw invalid(`operation: the delegation does not grant ${operation}`)
  requireFittingOperation(options)
  const key = keyOf(options, grant)
  const operations = [operation]
  const fields = narrowingFields(withDefaultEnd(options), withFields(grant, { operations }), 'delegation')
  const signed = await attenuate(joined, { scope: { key }, fields: withFields(fields, { operations }) })
  return {
    url: `${token.baseUrl}${encodeObjectKey(key)}?token=${signed}`,
    expiresAt: new Date((fields.expires ?? grant.expiresAt) * 1000),
    ...idOfNarrowed(fields, grant),
    method: METHODS[operation],
    key,
  }
}

function withDefaultEnd(options: PresignOptions): PresignOptions {
  const told = options.expiresIn !== undefined || options.validUntil !== undefined
  return told ? options : { ...options, expiresIn: 3600 }
}

function openDelegation({ delegationToken, clientSigningToken, baseUrl, scope }: PortableSignedToken) {
  const joined = `${delegationToken}.${clientSigningToken}`
  const text = readToken(joined)
  // What JSON gave may be anything.
  const sound = typeof baseUrl === 'string' && isScope(scope)
  if (typeof text === 'string' || text.mac !== clientSigningToken || !sound) {
    throw invalid('The delegation is malformed')
  }
  const { covered, prefixLength } = writeScope(scope)
  // Any key of the scope: what is allowed is the same for all of them.
  const key = prefixLength === undefined ? covered : `${covered}x`
  const grant = effectiveGrant(text.kid, text.blocks, key)
  const fits = text.blocks.every(({ fields }) => coveredText(fields.prefixLength, key) !== undefined)
  if (!fits || coveredBy(grant.scope) !== covered || 'key' in grant.scope !== 'key' in scope) {
    throw invalid('The delegation has another scope than it says')
  }
  return { joined, grant }
}

function isScope(scope: Partial<Record<'key' | 'prefix', unknown>> | null | undefined): boolean {
  if (typeof scope !== 'object' || scope === null) return false
  return typeof ('key' in scope ? scope.key : scope.prefix) === 'string'
}

function coveredBy(scope: Scope): string {
  return 'key' in scope ? scope.key : scope.prefix
}

/** The key that the URL is for. A key that a delegation lacks is refused, lest it be taken for a fault of the token. */
function keyOf({ key, addRandomSuffix, operation }: PresignOptions, grant: Grant): string {
  if (typeof key !== 'string') throw new LatchkeyError('invalid_key', 'A key must be a text')
  assertObjectKey(key)
  const { scope } = grant
  const inside = 'key' in scope ? key === scope.key : key.startsWith(scope.prefix)
  if (!inside) {
    const has = 'key' in scope ? `only the key '${scope.key}'` : `only keys that begin with '${scope.prefix}'`
    throw invalid(`key: the delegation has ${has}`)
  }
  const on = isOn(addRandomSuffix, 'addRandomSuffix')
  if (addRandomSuffix === false && grant.addRandomSuffix && operation === 'put') {
    throw invalid('addRandomSuffix: the delegation adds a suffix to every upload')
  }
  if (!on || grant.addRandomSuffix) return key
  if ('key' in scope) throw invalid('addRandomSuffix: the delegation is for one key, which has no suffix')
  return withRandomSuffix(key)
}
