import { describe, expect, test } from 'vitest'
import {
  attenuate,
  type Grant,
  type GrantFields,
  type Scope,
  type VerifyOptions,
  verify,
} from '../../src/token/index.js'
import { codeOf, END, KEY, minted, request } from './tools.js'

function narrowed(token: string, fields: GrantFields, scope?: Scope): string {
  const longer = attenuate(token, scope ? { fields, scope } : { fields })
  if (typeof longer !== 'string') throw new Error('node:crypto is synchronous')
  return longer
}

function grantOf(token: string, changes: Partial<VerifyOptions> = {}): Grant | undefined {
  const result = verify({ ...request, token, ...changes })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? result.grant : undefined
}

describe('attenuate', () => {
  test('leaves the scope as it is, unless told', () => {
    const tree = minted({}, { prefix: 'reports/' })
    expect(grantOf(narrowed(tree, { maxSize: 5 }))?.scope).toEqual({ prefix: 'reports/' })
    expect(grantOf(narrowed(tree, {}, { prefix: 'reports/2026/' }))?.scope).toEqual({
      prefix: 'reports/2026/',
    })
    expect(grantOf(narrowed(tree, { maxSize: 5 }, { key: KEY }))?.scope).toEqual({ key: KEY })
    expect(grantOf(narrowed(tree, {}, { prefix: '' }))?.scope).toEqual({ prefix: 'reports/' })
    expect(grantOf(narrowed(minted(), { maxSize: 5 }))?.scope).toEqual({ key: KEY })
    expect(grantOf(narrowed(tree, {}, { prefix: 'other/' }))).toBeUndefined()
    expect(grantOf(narrowed(tree, { maxSize: 5 }, { key: 'reports/a' }))).toBeUndefined()
  })

  test('caps the end by the token’s own', () => {
    expect(grantOf(narrowed(minted(), { expires: END + 60 }))?.expiresAt).toBe(END)
    expect(narrowed(minted(), { expires: END + 60 })).toContain(`.e${END}~p0.`)
    expect(grantOf(narrowed(minted(), { expires: END - 60 }))?.expiresAt).toBe(END - 60)
  })

  test('says when nothing would be left, and what only the first block may say', () => {
    const token = minted({ overrides: false })
    expect(codeOf(() => narrowed(token, { operations: ['put'] }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { operations: [] }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { expires: Number.NaN }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { subject: 'eve' }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { payload: 'x' }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { issuedAt: 1, id: 'A'.repeat(16) }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, { cacheControlMaxAge: 1 }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(token, {}, { key: '..' }))).toBe('invalid_key')
    expect(codeOf(() => narrowed(token, {}, { key: KEY }))).toBe('invalid_option')
    expect(codeOf(() => narrowed('k1.og.', { maxSize: 5 }))).toBe('invalid_option')
    expect(codeOf(() => narrowed(`${token.slice(0, -1)}=`, { maxSize: 5 }))).toBe('invalid_option')
  })

  test('takes presentation where every block so far grants overrides', () => {
    const token = minted({ overrides: true, cacheControlMaxAge: 9 })
    const once = narrowed(token, { cacheControlMaxAge: 5 })
    expect(grantOf(once)?.cacheControlMaxAge).toBe(5)
    expect(codeOf(() => narrowed(once, { cacheControlMaxAge: 1 }))).toBe('invalid_option')
    expect(
      grantOf(narrowed(narrowed(token, { overrides: true }), { cacheControlMaxAge: 1 }))?.cacheControlMaxAge,
    ).toBe(1)
  })

  test('ends at eight blocks', () => {
    let token = minted()
    for (let blocks = 1; blocks < 8; blocks++) token = narrowed(token, { maxSize: 5 })
    expect(grantOf(token)).toBeDefined()
    expect(codeOf(() => narrowed(token, { maxSize: 5 }))).toBe('invalid_option')
  })
})
