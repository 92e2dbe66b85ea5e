import { attenuate } from './attenuate.js'
import { effectiveGrant } from './effective-grant.js'
import type { Operation } from './grant.js'
import { assertKnownOptions } from './known-options.js'
import { idOfNarrowed, narrowingFields } from './narrowing-fields.js'
import { NARROWING_OPTIONS, type NarrowingOptions } from './narrowing-options.js'
import { invalid, isOn } from './option-values.js'
import type { SignedUrl } from './signed-url.js'
import { readToken } from './token-text.js'
import { splitAtToken } from './url-token.js'

/** How a signed URL is narrowed. */
export interface NarrowOptions extends NarrowingOptions {
  /** What the URL still allows: any of what it allows. */
  readonly operations?: readonly Operation[]
}

const NARROW_OPTIONS: Readonly<Record<keyof NarrowOptions, true>> = { ...NARROWING_OPTIONS, operations: true }

/**
 * Narrows a signed URL: needs no secret but the URL, as whoever has it can use it. The URL that it is made from stays as
 * good as it was; keep it to yourself. Everything else in the URL, other parameters included, is kept as it is spelled.
 *
 * The new block covers the empty prefix, which every key has: a URL does not say where its mount ends and the key
 * begins, and the narrowest scope of all blocks is the one that counts.
 *
 * @param url with exactly one `token` in its query or, as a tree URL has it, one token in its path: absolute, or a path
 * @throws LatchkeyError `invalid_option`: a URL without a token, with two, or with a malformed one, or whose time is over;
 *   an option that is out of its bounds, or asks for more than the URL allows; more than 8 blocks or 4 096 characters
 */
export async function narrow(url: string, options: NarrowOptions): Promise<SignedUrl> {
  assertKnownOptions(options, NARROW_OPTIONS)
  const { token, before, after } = splitAtToken(url)
  const text = readToken(token)
  if (typeof text === 'string') throw invalid('The URL has a malformed token')
  const grant = effectiveGrant(text.kid, text.blocks, '')
  const { operations, addRandomSuffix } = options
  for (const operation of operations ?? []) {
    if (!grant.operations.includes(operation))
      throw invalid(`operations: the URL does not allow ${operation}`)
  }
  if (addRandomSuffix === false && grant.addRandomSuffix) {
    throw invalid('addRandomSuffix: the URL adds a suffix to every upload')
  }
  const fields = {
    ...narrowingFields(options, grant, 'URL'),
    ...(operations !== undefined && { operations }),
    ...(isOn(addRandomSuffix, 'addRandomSuffix') && { addRandomSuffix: true as const }),
  }
  const narrowed = await attenuate(token, { fields })
  return {
    url: `${before}${narrowed}${after}`,
    expiresAt: new Date((fields.expires ?? grant.expiresAt) * 1000),
    ...idOfNarrowed(fields, grant),
  }
}
