import { parseDuration } from './duration.js'
import { MAX_TIME } from './fields.js'
import { assertKnownOptions } from './known-options.js'
import { LatchkeyError } from './latchkey-error.js'

/** Bounds of a token's life, in seconds. */
export interface ExpiryBounds {
  readonly default: number
  readonly minimum: number
  readonly maximum: number
}

/** Bounds as an app states them: whole seconds, or `'10m'`. */
export interface ExpiryOptions {
  /** Default 3600 s. */
  readonly default?: number | string
  /** Default 1 s; not less. */
  readonly minimum?: number | string
  /** Default 604 800 s (7 days). */
  readonly maximum?: number | string
}

const EXPIRY_OPTIONS: Readonly<Record<keyof ExpiryOptions, true>> = {
  default: true,
  maximum: true,
  minimum: true,
}

/**
 * Reads the bounds of a token's life.
 *
 * @throws LatchkeyError `invalid_option` where they are malformed, or not `1 <= minimum <= default <= maximum`
 */
export function expiryBounds(options: ExpiryOptions = {}): ExpiryBounds {
  assertKnownOptions(options, EXPIRY_OPTIONS)
  const minimum = parseDuration(options.minimum ?? 1, 'expiry.minimum')
  const maximum = parseDuration(options.maximum ?? 604_800, 'expiry.maximum')
  // A default that was not given follows bounds that leave no room for it.
  const fallback = Math.min(Math.max(3600, minimum), maximum)
  const byDefault = parseDuration(options.default ?? fallback, 'expiry.default')
  if (minimum < 1 || minimum > byDefault || byDefault > maximum) {
    throw new LatchkeyError('invalid_option', 'expiry needs 1 s <= minimum <= default <= maximum')
  }
  return { default: byDefault, minimum, maximum }
}

/** The options that say when a token is valid. */
export interface ValidityOptions {
  readonly expiresIn?: number | string
  readonly validUntil?: Date | number
  readonly notBefore?: Date | number
  readonly stableFor?: number | string
}

/**
 * When a token is valid, in Unix seconds. `expiresIn` and `notBefore` are rounded up to a second, so that a token
 * lives as long as told and is never early; `validUntil` is rounded down, so that it never outlives that moment. With
 * `stableFor` the end is the same for every moment of a window, and never sooner than `expiresIn` from now.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function validity(options: ValidityOptions, now: number, bounds: ExpiryBounds) {
  const expires = expiryOf(options, now, bounds)
  if (expires > MAX_TIME) throw new LatchkeyError('invalid_option', 'The end lies after the year 9999')
  if (options.notBefore === undefined) return { expires }
  const notBefore = startOf(options.notBefore)
  if (notBefore >= expires) throw new LatchkeyError('invalid_option', 'notBefore must lie before the end')
  return { expires, notBefore }
}

/** No mount's, as who narrows knows none: what was signed is bound enough. */
const WIDE: ExpiryBounds = { default: 3600, minimum: 1, maximum: MAX_TIME }

/**
 * When a token that is made from another is valid, in Unix seconds: never longer than that one. No `expires` where the
 * options have none.
 *
 * @param of what is narrowed, for messages
 * @throws LatchkeyError `invalid_option`, also where the other's time is over or nothing would be left of it
 */
export function cappedValidity(options: ValidityOptions, now: number, grant: Life, of: string) {
  if (!(now < grant.expiresAt * 1000)) throw new LatchkeyError('invalid_option', `The ${of} has expired`)
  const told = options.expiresIn !== undefined || options.validUntil !== undefined
  const expires = told ? Math.min(expiryOf(options, now, WIDE), grant.expiresAt) : grant.expiresAt
  const given = options.notBefore === undefined ? 0 : startOf(options.notBefore)
  if (Math.max(given, grant.notBefore ?? 0) >= expires) {
    throw new LatchkeyError(
      'invalid_option',
      `The URL would end before it begins: see notBefore, also the ${of}’s`,
    )
  }
  return { ...(told && { expires }), ...(options.notBefore !== undefined && { notBefore: given }) }
}

/** When a token is valid, in Unix seconds. */
interface Life {
  readonly expiresAt: number
  readonly notBefore?: number
}

function startOf(notBefore: Date | number): number {
  return Math.ceil(epochMs(notBefore, 'notBefore') / 1000)
}

function expiryOf(options: ValidityOptions, now: number, bounds: ExpiryBounds): number {
  const { expiresIn, validUntil } = options
  if (options.stableFor !== undefined) return endOfWindow(options, now, bounds)
  if (validUntil === undefined) {
    const seconds = expiresIn === undefined ? bounds.default : parseDuration(expiresIn, 'expiresIn')
    assertLife(seconds, 'expiresIn', bounds)
    return Math.ceil(now / 1000) + seconds
  }
  if (expiresIn !== undefined) {
    throw new LatchkeyError('invalid_option', 'expiresIn and validUntil exclude each other')
  }
  const end = epochMs(validUntil, 'validUntil')
  assertLife((end - now) / 1000, 'validUntil', bounds)
  return Math.floor(end / 1000)
}

/** Windows are aligned to the epoch, so that all processes have the same ones. */
function endOfWindow(
  { expiresIn, validUntil, stableFor = 0 }: ValidityOptions,
  now: number,
  bounds: ExpiryBounds,
) {
  if (validUntil !== undefined) {
    throw new LatchkeyError(
      'invalid_option',
      'stableFor and validUntil exclude each other: with a fixed end the URL is the same at every call',
    )
  }
  const window = parseDuration(stableFor, 'stableFor')
  if (window < 1) throw new LatchkeyError('invalid_option', 'stableFor must be 1 second or more')
  const seconds = expiresIn === undefined ? bounds.default : parseDuration(expiresIn, 'expiresIn')
  assertLife(seconds, 'expiresIn', bounds)
  assertLife(window + seconds, 'stableFor and expiresIn together', bounds)
  return (Math.floor(now / (window * 1000)) + 1) * window + seconds
}

function assertLife(seconds: number, name: string, { minimum, maximum }: ExpiryBounds): void {
  if (!(seconds >= minimum && seconds <= maximum)) {
    throw new LatchkeyError('invalid_option', `${name} must give a life of ${minimum} to ${maximum} seconds`)
  }
}

function epochMs(value: Date | number, name: string): number {
  const ms = typeof value === 'number' ? value : value.getTime()
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new LatchkeyError(
      'invalid_option',
      `${name} must be a valid Date, or whole milliseconds since 1970`,
    )
  }
  return ms
}
