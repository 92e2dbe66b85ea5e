import { createHash } from 'node:crypto'
import type { Grant } from '../token/index.js'

/** What the names of a mount begin with, so that mounts which share a ledger do not revoke each other's tokens. */
export function revocationSpace(audience: string): string {
  return createHash('sha256').update(audience).digest('base64url').slice(0, 22)
}

/** What can be revoked, as the ledger knows it. */
export type RevocationKind = 'id' | 'key' | 'prefix' | 'subject'

/** A name in the ledger: at most 1 055 bytes. */
export function revocationName(space: string, kind: RevocationKind, value: string): string {
  return `${space}:${kind}:${value}`
}

/** Everything that a token can be revoked by when it comes for this key: at most 523 names. */
export function namesOf({ ids, kid, subject }: Grant, key: string, space: string): readonly string[] {
  const name = (kind: RevocationKind, value: string): string => revocationName(space, kind, value)
  const names = [name('key', kid), name('prefix', ''), name('prefix', key)]
  for (const { id } of ids) names.push(name('id', id))
  if (subject !== undefined) names.push(name('subject', subject))
  for (let at = key.indexOf('/'); at !== -1; at = key.indexOf('/', at + 1)) {
    names.push(name('prefix', key.slice(0, at + 1)))
  }
  return names
}
