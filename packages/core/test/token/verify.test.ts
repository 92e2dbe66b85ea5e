import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeyRing, mint, type VerifyOptions, verify } from '../../src/token/index.js'
import { codeOf, END, forged, KEY, keys, minted, request, SECRET } from './tools.js'

function outcome(token: string, changes: Partial<VerifyOptions> = {}): string {
  const result = verify({ ...request, token, ...changes })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? 'ok' : `${result.code}: ${result.reason}`
}

const ALPHABET = 'AZaz09-_.~= \n%ŁÿA'

describe('verify', () => {
  test('is synchronous on Node, and so is mint', () => {
    expect(outcome(minted())).toBe('ok')
  })

  test('refuses every deletion, truncation and repetition of a character', () => {
    const token = minted({ maxSize: 5 })
    for (let at = 0; at < token.length; at++) {
      expect(outcome(token.slice(0, at) + token.slice(at + 1))).toMatch(/^invalid_signature/)
      expect(outcome(token.slice(0, at))).toMatch(/^invalid_signature/)
      expect(outcome(token.slice(at + 1))).toMatch(/^invalid_signature/)
      expect(outcome(token.slice(0, at) + token.charAt(at) + token.slice(at))).toMatch(/^invalid_signature/)
    }
  })

  test('refuses every change of a character', () => {
    const token = minted({ subject: 'x' })
    for (let at = 0; at < token.length; at++) {
      const code = token.charCodeAt(at)
      for (const other of [...ALPHABET, String.fromCharCode(code + 1), String.fromCharCode(code + 0x100)]) {
        if (other === token.charAt(at)) continue
        expect(outcome(token.slice(0, at) + other + token.slice(at + 1))).toMatch(/^invalid_signature/)
      }
    }
  })

  test('throws for no token, and gives a MAC that does not hold one code only', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'.~eog1k0A\n\ud800Ł'), maxLength: 80 }), (text) => {
        expect(outcome(text)).toMatch(/^invalid_signature/)
        expect(outcome(`k1.e1~og${text}.${'A'.repeat(43)}`)).toMatch(/^invalid_signature/)
      }),
    )
  })

  test('tells why, to diagnostics', () => {
    const other = createKeyRing([{ id: 'k1', secret: SECRET.toUpperCase() }])
    const unknown = createKeyRing([{ id: 'k2', secret: SECRET }])
    const prefixed = minted({}, { prefix: 'reports/' })
    expect(outcome('')).toBe('invalid_signature: malformed')
    expect(outcome(minted(), { key: 'a' })).toBe('invalid_signature: mac_mismatch')
    expect(outcome(minted(), { key: '../a' })).toBe('invalid_signature: invalid_key')
    expect(outcome(minted(), { audience: 'x' })).toBe('invalid_signature: mac_mismatch')
    expect(outcome(minted(), { keys: other })).toBe('invalid_signature: mac_mismatch')
    expect(outcome(minted(), { keys: unknown })).toBe('invalid_signature: unknown_key_id')
    expect(outcome(minted(), { operation: 'put' })).toBe('invalid_signature: operation_not_granted')
    expect(outcome(prefixed, { key: 'reports-of-others' })).toBe('invalid_signature: scope_mismatch')
    expect(outcome(minted(), { now: END * 1000 })).toBe('expired: expired')
    expect(outcome(minted(), { now: Number.NaN })).toBe('expired: expired')
    expect(outcome(minted({ notBefore: END - 1 }))).toBe('not_yet_valid: not_yet_valid')
  })

  test('judges content only behind the MAC', () => {
    const expired = minted({ expires: 1 })
    expect(outcome(expired)).toBe('expired: expired')
    expect(outcome(`${expired.slice(0, -43)}${'A'.repeat(43)}`)).toBe('invalid_signature: mac_mismatch')
  })

  test('takes a forged block only if the grammar does', () => {
    expect(outcome(forged(`e${END}~og`))).toBe('ok')
    expect(outcome(forged(`e${END}~og~zA`))).toBe('invalid_signature: malformed')
    expect(outcome(forged(`e${END}`))).toBe('invalid_signature: malformed')
    expect(outcome(forged('og'))).toBe('invalid_signature: malformed')
    expect(outcome(`k 1${minted().slice(2)}`)).toBe('invalid_signature: malformed')
  })

  test('refuses a limit that its caller does not hold the request to', () => {
    const limited = {
      pin: minted({ pin: { uploadId: 'u1' } }),
      downloads: minted({ maxDownloads: 1 }),
      confirm: minted({ confirm: true }),
    }
    const limits = ['pin', 'downloads', 'confirm'] as const
    for (const own of limits) {
      const token = limited[own]
      const others = limits.filter((limit) => limit !== own)
      expect(outcome(token, { enforces: [own] })).toBe('ok')
      expect(outcome(token, { enforces: others })).toBe('invalid_signature: not_enforced')
      expect(outcome(token, { enforces: [] })).toBe('invalid_signature: not_enforced')
      expect(outcome(token, { enforces: [], now: END * 1000 })).toBe('expired: expired')
    }
    expect(outcome(minted(), { enforces: [] })).toBe('ok')
    const operations = ['delete', 'get', 'head', 'put'] as const
    for (const mixed of [minted({ operations, maxDownloads: 1 }), minted({ operations, confirm: true })]) {
      for (const operation of ['delete', 'put'] as const) {
        expect(outcome(mixed, { enforces: [], operation })).toBe('ok')
      }
      expect(outcome(mixed, { enforces: [], operation: 'head' })).toBe('invalid_signature: not_enforced')
    }
  })

  test('needs an audience', () => {
    for (const audience of ['', 'a\nb', 'x'.repeat(1025), '\ud800', 'a\u0085']) {
      expect(codeOf(() => verify({ ...request, token: minted(), audience }))).toBe('invalid_option')
      expect(
        codeOf(() =>
          mint({ keys, audience, scope: { key: KEY }, fields: { expires: END, operations: ['get'] } }),
        ),
      ).toBe('invalid_option')
    }
  })
})

describe('mint', () => {
  test.each([
    { expires: undefined },
    { operations: undefined },
    { operations: [] },
    { expires: 1.5 },
    { expires: -1 },
    { expires: Number.NaN },
    { expires: 253_402_300_800 },
    { maxSize: 2 ** 53 },
    { id: 'short' },
    { subject: '' },
    { subject: '\ud800' },
    { download: { disposition: 'attachment', filename: '' } },
    { download: { disposition: 'attachment', filename: 'a\nb' } },
    { allowedTypes: ['image/PNG'] },
    { responseHeaders: { 'x-powered-by': 'x' } },
    { responseHeaders: {} },
    { unheardOf: 1 },
  ])('refuses %j', (fields) => {
    // @ts-expect-error these are what the types forbid, or cannot say
    expect(codeOf(() => minted(fields))).toBe('invalid_option')
  })

  test('refuses what is too long, and keys that are none', () => {
    const long = {
      payload: 'x'.repeat(2048),
      allowedTypes: Array.from({ length: 15 }, () => `a/${'b'.repeat(127)}`),
    }
    expect(codeOf(() => minted(long))).toBe('invalid_option')
    expect(codeOf(() => minted({}, { key: '../a' }))).toBe('invalid_key')
    expect(codeOf(() => minted({}, { prefix: 'a' }))).toBe('invalid_key')
  })

  test('writes each grant in one way', () => {
    expect(minted({ operations: ['head', 'get', 'get'] })).toBe(minted({ operations: ['get', 'head'] }))
    expect(minted({ operations: ['get'], expires: 1_795_284_000 }).slice(0, -43)).toBe('k1.e1795284000~og.')
  })
})
