import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assertKeyPrefix,
  assertObjectKey,
  decodeObjectKey,
  encodeObjectKey,
  isObjectKey,
  withRandomSuffix,
} from '../../src/token/index.js'
import { codeOf } from './tools.js'

const segment = fc.string({
  unit: fc.constantFrom(...'aZ0.-_+%?#&;:@=$ "<>^`{|}!~*\'(),éü日📎'),
  minLength: 1,
})
const anyKey = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
const wireCharacter = fc.constantFrom(
  ...'ab.%25eEfFcC09/\\+?# \u00e9'.split(''),
  '%2e',
  '%c3%bc',
  '%2F',
  '%5c',
)

describe('keys', () => {
  test.each(['a', 'a/b', '...', '.a', 'a.', 'a..b', '..a', 'a b', 'ü', '📎', 'x'.repeat(1024)])(
    'take %j',
    (key) => {
      expect(isObjectKey(key)).toBe(true)
      assertObjectKey(key)
    },
  )

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/.',
    './a',
    'a/../b',
    '../a',
    '\\',
    'a\\b',
    'a/\\/b',
    'a\0',
    'a\n',
    '\x1f',
    '\x7f',
    '\u0080',
    '\u009f',
    '\ud800',
    'a\udc00b',
    'x'.repeat(1025),
    'ü'.repeat(513),
    '📎'.repeat(257),
  ])('refuse %j', (key) => {
    expect(isObjectKey(key)).toBe(false)
    expect(codeOf(() => assertObjectKey(key))).toBe('invalid_key')
  })

  test('prefixes are whole segments', () => {
    for (const prefix of ['', 'a/', 'a/b/', 'ü/']) assertKeyPrefix(prefix)
    for (const prefix of ['a', '/', '/a/', 'a//', '../', './', 'a\n/', '\ud800/', `${'x'.repeat(1023)}/`]) {
      expect(
        codeOf(() => assertKeyPrefix(prefix)),
        prefix,
      ).toBe('invalid_key')
    }
  })
})

describe('paths', () => {
  test('give back every key that was encoded', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const decoded = decodeObjectKey(encodeObjectKey(key))
        expect(decoded).toEqual(isObjectKey(key) ? { ok: true, key } : { ok: false })
      }),
      { numRuns: 2000 },
    )
  })

  test('survive the URL parser', () => {
    fc.assert(
      fc.property(anyKey.filter(isObjectKey), (key) => {
        const url = new URL(`https://a.example${encodeObjectKey(key)}`)
        expect(url.pathname).toBe(encodeObjectKey(key))
      }),
    )
  })

  test('decode to keys only, and to what is encoded again', () => {
    fc.assert(
      fc.property(fc.array(wireCharacter, { maxLength: 12 }), (characters) => {
        const decoded = decodeObjectKey(`/${characters.join('')}`)
        if (!decoded.ok) return
        expect(isObjectKey(decoded.key)).toBe(true)
        expect(decodeObjectKey(encodeObjectKey(decoded.key))).toEqual(decoded)
        expect(decoded.key.split('/').length).toBe(characters.join('').split('/').length)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the random suffix', () => {
  test.each([
    ['avatars/42.png', /^avatars\/42-[\w-]{22}\.png$/],
    ['a.tar.gz', /^a\.tar-[\w-]{22}\.gz$/],
    ['a', /^a-[\w-]{22}$/],
    ['a.b/c', /^a\.b\/c-[\w-]{22}$/],
    ['a/.htaccess', /^a\/\.htaccess-[\w-]{22}$/],
  ])('%s', (key, expected) => {
    expect(withRandomSuffix(key)).toMatch(expected)
    expect(withRandomSuffix(key)).not.toBe(withRandomSuffix(key))
  })

  test('stays within the limits of a key', () => {
    expect(withRandomSuffix('x'.repeat(1001)).length).toBe(1024)
    expect(codeOf(() => withRandomSuffix('x'.repeat(1002)))).toBe('invalid_key')
    expect(codeOf(() => withRandomSuffix('../a'))).toBe('invalid_key')
  })
})
