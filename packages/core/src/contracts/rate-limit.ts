import type { GateRequest } from './gate.js'

/** A rate limiter as those of the `rate-limiter-flexible` package are: in memory, or shared through Redis and others. */
export interface RateLimiter {
  /**
   * Takes points; rejects where there are too few. A rejection with a number `msBeforeNext` says when to try again;
   * any other one is a fault of the limiter.
   */
  consume(key: string, points?: number): Promise<unknown>
}

/** How often URLs may be minted over HTTP. */
export interface RateLimit {
  /**
   * Every request takes one point, a batch one for each key; so a batch larger than the limiter's points never
   * passes. Points are taken before `authorize` is asked, so that credentials cannot be guessed faster.
   */
  readonly limiter: RateLimiter
  /**
   * Whom a request counts against: its `address?.()`, a user. Take it from a header only where a proxy of yours sets that
   * header. A text that is not empty.
   */
  readonly keyOf: (request: GateRequest) => string
}
