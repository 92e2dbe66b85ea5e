import { createHmac } from 'node:crypto'
import { createKeyRing, type GrantFields, mint, type Scope } from '../../src/token/index.js'

export const SECRET = 'a-secret-of-the-tests-0123456789-abcdef'
export const KID = 'k1'
export const AUDIENCE = 'https://app.example.com/files'
export const KEY = 'reports/2026/q3.pdf'
export const NOW = 1_795_280_000_000
export const END = 1_795_283_600

export const keys = createKeyRing([{ id: KID, secret: SECRET }])
/** What `verify` needs besides the token. */
export const request = {
  keys,
  audience: AUDIENCE,
  key: KEY,
  operation: 'get',
  now: NOW,
  enforces: ['confirm', 'downloads', 'pin'],
  isRevoked: () => false,
} as const

/** A token for `KEY`, unless told. */
export function minted(fields: Partial<GrantFields> = {}, scope: Scope = { key: KEY }): string {
  const token = mint({
    keys,
    audience: AUDIENCE,
    scope,
    fields: { expires: END, operations: ['get', 'head'], ...fields },
  })
  if (typeof token !== 'string') throw new Error('node:crypto is synchronous')
  return token
}

/** A one-block token for `KEY` of any text, with a MAC that holds. */
export function forged(block: string): string {
  const text = `latchkey1\n${AUDIENCE}\n${KID}.${block}\n${KEY}`
  return `${KID}.${block}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
}

/** The code of what a function throws; fails where it throws nothing, or something else. */
export function codeOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return 'nothing was thrown'
}
