import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Operation, type VerifyResult, verify } from '../../src/token/index.js'
import { KEYS, PREFIXES } from './admission.js'
import { delegated } from './delegated.js'
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
    ['a time of issue', 'g1~iAAAAAAAAAAAAAAAA', KEY, 'get'],
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

const scope = fc.oneof(
  fc.constantFrom(...KEYS).map((key) => ({ key })),
  fc.constantFrom(...PREFIXES).map((prefix) => ({ prefix })),
)
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
