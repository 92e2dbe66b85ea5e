import fc from 'fast-check'
import { type Grant, type Operation, typeAllowed, type VersionRule, verify } from '../../src/token/index.js'
import { AUDIENCE, keys } from './tools.js'

// Requests, and whether a token admits them: what the narrowing of tokens is held against.

export const KEYS = ['a/b/c', 'a/b/d', 'a/x', 'z']
export const PREFIXES = ['', 'a/', 'a/b/']
export const TYPES = ['image/png', 'image/gif', 'text/plain']
export const ETAGS = ['"v1"', '"v2"']
/** In their one spelling and ascending; nested, and of both families. */
export const ADDRESSES = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.2.0.0/16', '::/0', '::1']
export const PARTS = [
  { uploadId: 'u1', partNumber: 1 },
  { uploadId: 'u1', partNumber: 2 },
  { uploadId: 'u2', partNumber: 1 },
]
export const OPERATIONS: readonly Operation[] = ['delete', 'get', 'head', 'put']

export const request = fc.record({
  key: fc.constantFrom(...KEYS),
  operation: fc.constantFrom(...OPERATIONS),
  now: fc.constantFrom(99_999, 100_000, 199_999, 200_000, 299_999),
  size: fc.constantFrom(0, 5, 15, 25),
  type: fc.constantFrom(...TYPES),
  /** The version that is there, if there is an object. */
  existing: fc.constantFrom(undefined, ...ETAGS),
  publicly: fc.boolean(),
  guessable: fc.boolean(),
  part: fc.constantFrom(undefined, ...PARTS),
  address: fc.constantFrom(
    '10.1.2.3',
    '::ffff:10.1.9.9',
    '10.2.0.1',
    '10.9.9.9',
    '192.0.2.1',
    '::1',
    '2001:db8::1',
    undefined,
  ),
  /** Whether whoever downloads has been asked. */
  confirmed: fc.boolean(),
})
export type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

const ENFORCING = {
  keys,
  audience: AUDIENCE,
  enforces: ['confirm', 'downloads', 'pin'],
  isRevoked: () => false,
} as const

export function grantOf(token: string, { address, key, operation, now }: Request): Grant | undefined {
  const result = verify({ ...ENFORCING, token, key, operation, now, address })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? result.grant : undefined
}

export function admits(grant: Grant | undefined, wanted: Request): boolean {
  if (!grant || !pinAllows(grant, wanted)) return false
  if (wanted.operation === 'delete') return versionAllowed(grant.remove, wanted.existing)
  if (wanted.operation !== 'put') return wanted.confirmed || !grant.confirm
  return (
    wanted.size <= (grant.maxSize ?? Number.POSITIVE_INFINITY) &&
    (!grant.allowedTypes || typeAllowed(wanted.type, grant.allowedTypes)) &&
    (wanted.existing ? versionAllowed(grant.write.replace, wanted.existing) : grant.write.create) &&
    (!wanted.publicly || grant.visibility === 'public') &&
    (!wanted.guessable || !grant.addRandomSuffix)
  )
}

function pinAllows({ pin }: Grant, { part }: Request): boolean {
  if (pin === undefined) return true
  return pin.uploadId === part?.uploadId && (pin.partNumber ?? part.partNumber) === part.partNumber
}

function versionAllowed(rule: VersionRule, etag: string | undefined): boolean {
  return typeof rule === 'string' ? rule === 'any' : rule.etag === etag
}

export function presentation({ cacheControlMaxAge, download, responseHeaders }: Grant) {
  return { cacheControlMaxAge, download, responseHeaders }
}
