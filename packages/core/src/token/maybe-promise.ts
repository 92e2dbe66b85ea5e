import type { MaybePromise } from '../hmac/contract.js'

/** All of some values: at once where they are there, else when the last one comes. */
export function together<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  const here: T[] = []
  for (const value of values) {
    if (value instanceof Promise) return Promise.all(values)
    here.push(value)
  }
  return here
}

/** Goes on with a value at once where it is there, else when it comes: synchronous MACs cost no promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
