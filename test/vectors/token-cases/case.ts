import type { Operation, VerifyFailure } from '@latchkey/core/token'
import { AUDIENCE, END, type ForgedBlock, type Forging, forge, KEY, NOW } from '../forge.js'

/** A token, the request it comes with, and what becomes of it. */
export interface TokenCase {
  readonly name: string
  readonly token: string
  readonly audience: string
  readonly key: string
  readonly operation: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Where the request comes from. */
  readonly address?: string
  /** What the verifier finds where it looks. Absent: not revoked. */
  readonly isRevoked?: true
  readonly code: 'ok' | VerifyFailure['code']
}

export type Request = Partial<Omit<TokenCase, 'name' | 'token'>>

/** Any text as a token. */
export function given(
  name: string,
  token: string,
  code: TokenCase['code'],
  request: Request = {},
): TokenCase {
  return { name, token, audience: AUDIENCE, key: KEY, operation: 'get', now: NOW, code, ...request }
}

/** A token whose MAC holds, and which is taken unless `request` has another code. */
export function holds(
  name: string,
  blocks: readonly ForgedBlock[],
  request: Request = {},
  forging: Forging = {},
) {
  const { key = KEY, audience = AUDIENCE } = request
  return given(name, forge(blocks, { key, audience, ...forging }), 'ok', request)
}

/** A token whose MAC holds, and which is refused all the same. */
export function refused(
  name: string,
  blocks: readonly ForgedBlock[],
  request: Request = {},
  forging: Forging = {},
) {
  return holds(name, blocks, { code: 'invalid_signature', ...request }, forging)
}

/** Fields of a token to read with, and of one to upload with. */
export const G = `e${END}~og`
export const P = `e${END}~op`
export const put = { operation: 'put' } as const
/** What an `i` may hold. */
export const ID = 'A'.repeat(16)
export const UTF8 = 'übung/日本/📎 a+b%2F.txt'

export const bytes = (count: number) => 'x'.repeat(count)
