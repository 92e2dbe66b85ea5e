import { createHash } from 'node:crypto'

/**
 * A text as part of a stored name: as it is where that is plain and short, else its SHA-256. So what comes from outside
 * has no bracket, quote or NUL in the store, and no length that it would refuse.
 */
export function storedName(text: string): string {
  return /^[\w-]{1,64}$/.test(text) ? text : `~${sha256(text)}`
}

/** Always a hash: what is revoked may name persons and files, and stays in the store for long. */
export function storedNames(names: readonly string[]): string[] {
  // Each once, and in one order, so that two revocations at once cannot wait for each other.
  return [...new Set(names.map(sha256))].sort()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
