import { attenuate } from './attenuate.js'
import { effectiveGrant } from './effective-grant.js'
import type { Operation } from './grant.js'
import { assertKnownOptions } from './known-options.js'
import { narrowingFields } from './narrowing-fields.js'
import { NARROWING_OPTIONS, type NarrowingOptions } from './narrowing-options.js'
import { invalid, isOn } from './option-values.js'
import type { SignedUrl } from './signed-url.js'
import { readToken } from './token-text.js'

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
 * @param url with exactly one `token` in its query: absolute, or a path
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
  }
}

const NAME = 'token='

/** Text work only: a parser of URLs would respell the path, which is what the token is for. */
function splitAtToken(url: string): { before: string; token: string; after: string } {
  const end = indexOr(url, '#', url.length)
  const queryStart = indexOr(url.slice(0, end), '?', end)
  let found: { from: number; to: number } | undefined
  for (let at = queryStart + 1; at <= end; ) {
    const to = indexOr(url.slice(0, end), '&', end, at)
    if (url.startsWith(NAME, at)) {
      if (found !== undefined) throw invalid('The URL has more than one token')
      found = { from: at + NAME.length, to }
    }
    at = to + 1
  }
  if (found === undefined) throw invalid('The URL has no token')
  return {
    before: url.slice(0, found.from),
    token: url.slice(found.from, found.to),
    after: url.slice(found.to),
  }
}

function indexOr(text: string, character: string, otherwise: number, from = 0): number {
  const at = text.indexOf(character, from)
  return at === -1 ? otherwise : at
}
