import type { MaybePromise } from '../hmac/contract.js'

/** Goes on with a value at once where it is there, else when it comes: synchronous MACs cost no promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
