import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createKeyRing, mint, type SigningKey, verify } from '../../src/token/index.js'
import { AUDIENCE, codeOf, END, KEY, request, SECRET } from './tools.js'

const fields = { expires: END, operations: ['get'] } as const
const old = { id: 'old', secret: SECRET }
const current = { id: 'new', secret: SECRET.toUpperCase() }

describe('a key ring', () => {
  test('signs with the first key and verifies with all', () => {
    const before = mint({ keys: createKeyRing([old]), audience: AUDIENCE, scope: { key: KEY }, fields })
    const rotated = createKeyRing([current, old])
    const after = mint({ keys: rotated, audience: AUDIENCE, scope: { key: KEY }, fields })
    expect(rotated.activeId).toBe('new')
    expect(after).toMatch(/^new\./)
    for (const token of [before, after]) {
      expect(verify({ ...request, keys: rotated, token: String(token) })).toMatchObject({ ok: true })
    }
    expect(verify({ ...request, keys: createKeyRing([current]), token: String(before) })).toMatchObject({
      ok: false,
      reason: 'unknown_key_id',
    })
  })

  test('takes a text as its UTF-8 bytes', () => {
    const text = createKeyRing([{ id: 'k', secret: `${SECRET}ü` }])
    const bytes = createKeyRing([{ id: 'k', secret: Buffer.from(`${SECRET}ü`) }])
    expect(text.macOf('k')?.('x')).toBe(bytes.macOf('k')?.('x'))
  })

  test.each<[string, SigningKey[]]>([
    ['no key', []],
    ['a repeated id', [old, { ...current, id: 'old' }]],
    ['an empty id', [{ ...old, id: '' }]],
    ['an id with a dot', [{ ...old, id: 'a.b' }]],
    ['an id with a line feed', [{ ...old, id: 'a\n' }]],
    ['an id of 65 characters', [{ ...old, id: 'x'.repeat(65) }]],
    ['a short secret', [{ id: 'a', secret: 'x'.repeat(31) }]],
    ['short bytes', [{ id: 'a', secret: new Uint8Array(31) }]],
    ['a secret that is not set', [{ id: 'a', secret: undefined }]],
  ])('refuses %s', (_what, given) => {
    expect(codeOf(() => createKeyRing(given))).toBe('invalid_option')
  })

  test('says what to do, and no secret', () => {
    const secret = 'hunter2-hunter2'
    const message = (() => {
      try {
        createKeyRing([{ id: 'a', secret }])
      } catch (error) {
        return String(error)
      }
      return ''
    })()
    expect(message).toContain('keys[0].secret must be at least 32 bytes')
    expect(message).toContain('randomBytes')
    expect(message).not.toContain(secret)
    const ring = createKeyRing([old])
    expect(JSON.stringify(ring) + inspect(ring, { showHidden: true, depth: 9 })).not.toContain(SECRET)
  })
})
