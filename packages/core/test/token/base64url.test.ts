import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url, decodeText, encodeBase64url, encodeText } from '../../src/token/base64url.js'

describe('base64url', () => {
  test('encodes as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(bytes)
      }),
    )
  })

  test('decodes no two texts to the same bytes', () => {
    const alphabet = fc.constantFrom(...'ABab01-_+/= \n.Ł')
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 9 }), (text) => {
        const bytes = decodeBase64url(text)
        if (bytes) expect(encodeBase64url(bytes)).toBe(text)
      }),
      { numRuns: 5000 },
    )
  })

  test.each(['A', 'AB', 'AAB', 'AA==', 'AA=', 'A A', 'AAA\n', '+A', '/A', 'ŁA', 'AAAAA'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  test('carries every well-formed text and refuses the others', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = encodeText(text)
        expect(encoded === undefined ? undefined : decodeText(encoded)).toBe(text)
      }),
    )
    expect(encodeText('\ud800')).toBeUndefined()
    expect(encodeText('\udc00\ud800')).toBeUndefined()
    expect(decodeText('7aCA')).toBeUndefined()
    expect(decodeText('wK8')).toBeUndefined()
    expect(decodeText(encodeText('\ufeffa') ?? '')).toBe('\ufeffa')
  })
})
