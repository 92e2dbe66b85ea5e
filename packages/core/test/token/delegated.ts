import {
  type DelegationOptions,
  delegationScope,
  expiryBounds,
  grantFieldsForDelegation,
  mint,
  type SignedToken,
} from '../../src/token/index.js'
import { AUDIENCE, keys, NOW } from './tools.js'

export const BASE = 'https://app.example.com/files'

/** A delegation, as the server would issue it at `NOW`. */
export function delegated(options: DelegationOptions, now = NOW): SignedToken {
  const scope = delegationScope(options)
  const fields = grantFieldsForDelegation(options, { now, bounds: expiryBounds(), revocation: 'possible' })
  const token = mint({ keys, audience: AUDIENCE, scope, fields })
  if (typeof token !== 'string') throw new Error('node:crypto is synchronous')
  return {
    delegationToken: token.slice(0, -44),
    clientSigningToken: token.slice(-43),
    validUntil: new Date(fields.expires * 1000),
    baseUrl: BASE,
    scope,
  }
}

/** The token in a signed URL. */
export function tokenOf({ url }: { readonly url: string }): string {
  return /[?&]token=([^&#]*)/.exec(url)?.[1] ?? ''
}

/** The code and the text of what a promise is rejected with. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing was thrown'
}
