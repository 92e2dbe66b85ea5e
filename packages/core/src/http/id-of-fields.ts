import type { GrantFields } from '../token/index.js'

/** What a token with these fields can be revoked by, as whoever has it minted is told. */
export function idOf({ id, issuedAt }: GrantFields): { readonly id?: string } {
  return id === undefined || issuedAt === undefined ? {} : { id }
}
