import type { Scope } from './grant.js'
import { assertKeyPrefix, assertObjectKey } from './object-key.js'
import { utf8Length } from './text.js'

/** A scope as a block states it: the text its MAC covers, and the length of that where it is a prefix. */
export interface WrittenScope {
  readonly covered: string
  /** UTF-8 bytes. */
  readonly prefixLength?: number
}

/**
 * Checks a scope and turns it into what a block states.
 *
 * @throws LatchkeyError `invalid_key`
 */
export function writeScope(scope: Scope): WrittenScope {
  if ('key' in scope) {
    assertObjectKey(scope.key)
    return { covered: scope.key }
  }
  assertKeyPrefix(scope.prefix)
  return { covered: scope.prefix, prefixLength: utf8Length(scope.prefix) }
}
