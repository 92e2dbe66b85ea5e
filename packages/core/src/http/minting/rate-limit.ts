import type { GateRequest } from '../../contracts/gate.js'
import type { RateLimit } from '../../contracts/rate-limit.js'
import { LatchkeyError } from '../../token/index.js'

/** What `Retry-After` can say at most: about 68 years. */
const LONGEST_WAIT = 2 ** 31 - 1

/**
 * Takes points from the limiter; gives the seconds to wait, at least 1, where it refuses, else `undefined`.
 *
 * @throws LatchkeyError `rate_limiter_unavailable` where the limiter fails: nothing is minted uncounted
 */
export async function takePoints(
  request: GateRequest,
  points: number,
  rateLimit: RateLimit | undefined,
): Promise<number | undefined> {
  if (rateLimit === undefined) return undefined
  try {
    await rateLimit.limiter.consume(keyOf(request, rateLimit), points)
    return undefined
  } catch (cause) {
    const wait = millisecondsOf(cause)
    if (wait !== undefined) return Math.min(Math.max(Math.ceil(wait / 1000) || 1, 1), LONGEST_WAIT)
    throw new LatchkeyError('rate_limiter_unavailable', 'the rate limiter failed', { cause })
  }
}

/** A key that is none would have every client count against one another. */
function keyOf(request: GateRequest, rateLimit: RateLimit): string {
  const key: unknown = rateLimit.keyOf(request)
  if (typeof key !== 'string' || key === '') throw new TypeError('rateLimit.keyOf must return a text')
  return key
}

/** What `rate-limiter-flexible` rejects with says when the next try may succeed; its faults are errors. */
function millisecondsOf(rejection: unknown): number | undefined {
  if (typeof rejection !== 'object' || rejection === null || !('msBeforeNext' in rejection)) return undefined
  return typeof rejection.msBeforeNext === 'number' ? rejection.msBeforeNext : undefined
}
