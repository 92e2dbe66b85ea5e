import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type DelegationOptions,
  LatchkeyError,
  type NarrowOptions,
  narrow,
  type PresignOptions,
  presignUrl,
} from '../../src/token/index.js'
import {
  ADDRESSES,
  admits,
  ETAGS,
  grantOf,
  KEYS,
  OPERATIONS,
  PARTS,
  PREFIXES,
  request as requests,
  TYPES,
} from './admission.js'
import { delegated, tokenOf } from './delegated.js'

const values = {
  allowedAddresses: fc.subarray([...ADDRESSES], { minLength: 1 }),
  maxSize: fc.constantFrom(0, 10, 20),
  allowedTypes: fc.subarray([...TYPES, 'image/*', '*/*']),
  allowOverwrite: fc.boolean(),
  ifMatch: fc.constantFrom(...ETAGS),
  visibility: fc.constantFrom('private' as const, 'public' as const),
  maxDownloads: fc.constantFrom(1, 2),
  confirm: fc.boolean(),
  addRandomSuffix: fc.boolean(),
  expiresIn: fc.constantFrom(50, 100, 150, 500),
  notBefore: fc.constantFrom(60_000, 120_000),
  revocable: fc.constant(true),
  pin: fc.constantFrom(...PARTS),
  operations: fc.subarray([...OPERATIONS], { minLength: 1 }),
}
type Values = {
  readonly [Name in keyof typeof values]?: (typeof values)[Name] extends fc.Arbitrary<infer T> ? T : never
}

/** Few options at a time: most that are drawn at random do not fit one another, and are refused. */
function some(names: readonly (keyof typeof values)[]): fc.Arbitrary<Values> {
  return fc
    .subarray([...names], { maxLength: Math.min(3, names.length) })
    .chain(
      (chosen) =>
        fc.record(
          Object.fromEntries(chosen.map((name): [string, fc.Arbitrary<unknown>] => [name, values[name]])),
        ) as fc.Arbitrary<Values>,
    )
}

const OF_ALL = ['expiresIn', 'notBefore', 'allowedAddresses', 'revocable'] as const
const OF_UPLOADS = [
  'maxSize',
  'allowedTypes',
  'allowOverwrite',
  'ifMatch',
  'visibility',
  'addRandomSuffix',
] as const
const OPTIONS = {
  delete: [...OF_ALL, 'ifMatch'],
  get: [...OF_ALL, 'maxDownloads', 'confirm'],
  head: OF_ALL,
  put: [...OF_ALL, ...OF_UPLOADS, 'pin'],
} as const

const scope = fc.oneof(
  fc.constantFrom(...KEYS).map((key) => ({ key })),
  fc.constantFrom(...PREFIXES).map((prefix) => ({ prefix })),
)
const delegations = fc
  .tuple(scope, some([...OF_ALL, ...OF_UPLOADS, 'maxDownloads', 'confirm']), fc.boolean())
  .map(
    ([where, what, overrides]): DelegationOptions => ({
      operations: OPERATIONS,
      ...where,
      ...what,
      overrides,
    }),
  )
const presigns = fc
  .constantFrom(...OPERATIONS)
  .chain((operation) =>
    fc
      .tuple(fc.constantFrom(...KEYS), some(OPTIONS[operation]))
      .map(([key, what]): PresignOptions => ({ operation, key, ...what, now: () => 50_000 })),
  )
const narrowings = some([...OF_ALL, ...OF_UPLOADS, 'maxDownloads', 'confirm', 'pin', 'operations']).map(
  (what): NarrowOptions => ({ ...what, now: () => 50_000 }),
)

/** The result, or `undefined` where it is refused in the one way that it may be. */
async function unlessRefused<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'invalid_option') return undefined
    throw error
  }
}

test('no URL made from a delegation, nor from one of its URLs, admits what that does not', async () => {
  let urls = 0
  let admitted = 0
  const draws = fc.array(requests, { minLength: 25, maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(
      delegations,
      presigns,
      fc.array(narrowings, { maxLength: 3 }),
      draws,
      async (what, options, steps, wanted) => {
        const delegation = await unlessRefused((async () => delegated(what, 50_000))())
        if (delegation === undefined) return
        const chain = [`${delegation.delegationToken}.${delegation.clientSigningToken}`]
        const signed = await unlessRefused(presignUrl(delegation, options))
        if (signed === undefined) return
        chain.push(tokenOf(signed))
        let url: { url: string } = signed
        for (const step of steps) {
          const narrower = await unlessRefused(narrow(url.url, step))
          if (narrower === undefined) continue
          url = narrower
          chain.push(tokenOf(url))
        }
        urls++
        // A key that got its suffix here is none of those drawn.
        const keyed = wanted.map((each) => ({
          ...each,
          key: each.key === options.key ? (signed?.key ?? '') : each.key,
        }))
        for (const each of keyed) {
          const grants = chain.map((token) => grantOf(token, each))
          for (const [at, grant] of grants.slice(1).entries()) {
            const shorter = grants[at]
            if (!admits(grant, each)) continue
            admitted++
            expect(admits(shorter, each)).toBe(true)
            expect(each.key).toBe(signed?.key)
            expect(each.operation).toBe(options.operation)
            const before = shorter?.downloadLimits ?? []
            expect(grant?.downloadLimits.slice(0, before.length)).toEqual(before)
            const ids = shorter?.ids ?? []
            expect(grant?.ids.slice(0, ids.length)).toEqual(ids)
            expect(grant?.issuedAt).toBe(shorter?.issuedAt)
          }
        }
      },
    ),
    { numRuns: 3000 },
  )
  expect(urls).toBeGreaterThan(300)
  expect(admitted).toBeGreaterThan(300)
}, 60_000)
