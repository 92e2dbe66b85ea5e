import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DelegationOptions,
  LatchkeyError,
  type NarrowOptions,
  narrow,
  type Operation,
  type PresignOptions,
  presignUrl,
  type VerifyResult,
  verify,
} from '../../src/token/index.js'
import {
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
import { END, forged, KEY, request } from './tools.js'

function resultOf(token: string, operation: Operation = 'get', key = KEY): VerifyResult {
  const result = verify({ ...request, token, operation, key })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result
}

/** Appends any block, as a holder with a program of their own would. */
function appended(token: string, block: string, covered: string): string {
  const secret = Buffer.from(token.slice(-43), 'base64url')
  const mac = createHmac('sha256', secret).update(`${block}\n${covered}`).digest('base64url')
  return `${token.slice(0, -43)}${block}.${mac}`
}

describe('a delegation', () => {
  const token = delegated({ prefix: 'reports/', maxSize: 5, operations: ['get', 'put'] })
  const { delegationToken, clientSigningToken } = token

  test('opens nothing without its signing token, nor the signing token without it', () => {
    const { clientSigningToken: other } = delegated({ prefix: 'reports/2026/' })
    const attempts = [
      delegationToken,
      `${delegationToken}.`,
      `${delegationToken}.${other}`,
      `${delegationToken}.${'A'.repeat(43)}`,
      clientSigningToken,
      `k1.${clientSigningToken}`,
      `k1.e${END}~og.${clientSigningToken}`,
      `k1.e${END}~og~p8.${clientSigningToken}`,
      `k1.e${END}~og~p0.${clientSigningToken}`,
    ]
    for (const attempt of attempts) {
      for (const key of [KEY, 'reports/a', 'reports']) {
        expect(resultOf(attempt, 'get', key)).toMatchObject({ ok: false, code: 'invalid_signature' })
      }
    }
  })

  test('is, in one piece, a token for what it delegates and no more', () => {
    const joined = `${delegationToken}.${clientSigningToken}`
    expect(resultOf(joined)).toMatchObject({ ok: true, grant: { scope: { prefix: 'reports/' }, maxSize: 5 } })
    for (const key of ['reports', 'reports/', 'reports-2/a', 'other', '']) {
      expect(resultOf(joined, 'get', key).ok, key).toBe(false)
    }
    expect(resultOf(joined, 'delete').ok).toBe(false)
  })

  test.each([
    ['an operation', 'od', KEY, 'delete'],
    ['another key', 'og', 'other/a', 'get'],
    ['another prefix', 'og~p6', 'other/', 'get'],
    ['another prefix of that length', 'og~p8', 'exports/', 'get'],
    ['every prefix, elsewhere', 'og~p0', '', 'get'],
    ['a later end', `e${END + 9}`, KEY, 'head'],
    ['headers', 'hY29udGVudC10eXBlOiB0ZXh0L2h0bWw', KEY, 'get'],
    ['a file name', 'dYWE', KEY, 'get'],
    ['a cache age', 'c5', KEY, 'get'],
    ['overrides and headers', 'hY29udGVudC10eXBlOiB0ZXh0L2h0bWw~x1', KEY, 'get'],
    ['a subject', 'sZXZl', KEY, 'get'],
    ['a payload', 'ueyJhIjoxfQ', KEY, 'put'],
    ['an id', 'iAAAAAAAAAAAAAAAA', KEY, 'get'],
    ['no downloads', 'l0', KEY, 'get'],
  ] as const)(
    'is refused by the server where a block of its holder takes %s',
    (_name, block, covered, operation) => {
      const key = block.includes('~p') || covered === '' ? 'other/a' : covered
      const joined = `${delegationToken}.${clientSigningToken}`
      expect(resultOf(appended(joined, block, covered), operation, key)).toMatchObject({
        ok: false,
        code: 'invalid_signature',
      })
    },
  )

  test('gains nothing by a block that asks for more of what has a meet', () => {
    const joined = `${delegationToken}.${clientSigningToken}`
    const longer = appended(joined, `e${END + 99}~l9~m99~odghp~v1~w1~x1`, KEY)
    expect(resultOf(longer, 'put')).toMatchObject({
      ok: true,
      grant: {
        expiresAt: END,
        maxSize: 5,
        operations: ['get', 'put'],
        visibility: 'private',
        write: { create: true, replace: 'none' },
      },
    })
    expect(resultOf(appended(longer, 'c5', KEY))).toMatchObject({ reason: 'override_not_granted' })
  })

  test('does not come from a secret of the server used as a signing token', () => {
    expect(resultOf(appended(forged(`e${END}~oh`), 'ogh', KEY)).ok).toBe(false)
  })
})

const values = {
  maxSize: fc.constantFrom(0, 10, 20),
  allowedTypes: fc.subarray([...TYPES, 'image/*', '*/*']),
  allowOverwrite: fc.boolean(),
  ifMatch: fc.constantFrom(...ETAGS),
  visibility: fc.constantFrom('private' as const, 'public' as const),
  maxDownloads: fc.constantFrom(1, 2),
  addRandomSuffix: fc.boolean(),
  expiresIn: fc.constantFrom(50, 100, 150, 500),
  notBefore: fc.constantFrom(60_000, 120_000),
  pin: fc.constantFrom(...PARTS),
  operations: fc.subarray([...OPERATIONS], { minLength: 1 }),
}
type Values = {
  readonly [Name in keyof typeof values]?: (typeof values)[Name] extends fc.Arbitrary<infer T> ? T : never
}

const OPTION_NAMES = Object.keys(values) as (keyof typeof values)[]

/** Few options at a time: most that are drawn at random do not fit one another, and are refused. */
function some(names: readonly (keyof typeof values)[]): fc.Arbitrary<Values> {
  return fc
    .tuple(fc.record(values), fc.subarray([...names], { maxLength: Math.min(3, names.length) }))
    .map(([all, chosen]) => {
      const kept: { -readonly [Name in keyof Values]: Values[Name] } = { ...all }
      for (const name of OPTION_NAMES) if (!chosen.includes(name)) delete kept[name]
      return kept
    })
}

const OF_ALL = ['expiresIn', 'notBefore'] as const
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
  get: [...OF_ALL, 'maxDownloads'],
  head: OF_ALL,
  put: [...OF_ALL, ...OF_UPLOADS, 'pin'],
} as const

const scope = fc.oneof(
  fc.constantFrom(...KEYS).map((key) => ({ key })),
  fc.constantFrom(...PREFIXES).map((prefix) => ({ prefix })),
)
const delegations = fc.tuple(scope, some([...OF_ALL, ...OF_UPLOADS, 'maxDownloads']), fc.boolean()).map(
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
const narrowings = some([...OF_ALL, ...OF_UPLOADS, 'maxDownloads', 'pin', 'operations']).map(
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
          }
        }
      },
    ),
    { numRuns: 3000 },
  )
  expect(urls).toBeGreaterThan(300)
  expect(admitted).toBeGreaterThan(300)
}, 60_000)

test('a block that covers the empty prefix never widens a scope', () => {
  const blocks = fc.array(scope, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(blocks, fc.constantFrom(...KEYS), (scopes, key) => {
      let text = ''
      let mac: Buffer | string = 'a-secret-of-the-tests-0123456789-abcdef'
      for (const [at, each] of scopes.entries()) {
        const covered = 'key' in each ? each.key : each.prefix
        const block = `${at === 0 ? `e${END}~og` : `m${at}`}${'key' in each ? '' : `~p${covered.length}`}`
        const opening = at === 0 ? 'latchkey1\nhttps://app.example.com/files\nk1.' : ''
        mac = createHmac('sha256', mac).update(`${opening}${block}\n${covered}`).digest()
        text += `.${block}`
      }
      const token = `k1${text}.${Buffer.from(mac).toString('base64url')}`
      const [shorter, longer] = [resultOf(token, 'get', key), resultOf(appended(token, 'p0', ''), 'get', key)]
      expect(longer.ok).toBe(shorter.ok)
      if (shorter.ok && longer.ok) expect(longer.grant).toEqual(shorter.grant)
    }),
    { numRuns: 500 },
  )
})
