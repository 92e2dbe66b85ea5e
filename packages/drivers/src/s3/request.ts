import { LatchkeyError } from '@latchkey/core'
import { storeError } from './store-errors.js'

/** How long a request may take, and what ends it early. */
export interface RequestLimits {
  /** Milliseconds until the answer, retries included. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a request of the store with a signal that ends it in time. What it fails with is the store's own error, as the
 * caller may know what it means; an abort by the caller's signal fails with the signal's reason.
 */
export async function request<T>(
  { timeoutMs, signal }: RequestLimits,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  let late = false
  const timer = setTimeout(() => {
    late = true
    controller.abort()
  }, timeoutMs)
  try {
    return await send({ abortSignal: controller.signal })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (late) {
      const message = `The store has not answered within ${timeoutMs / 1000} seconds`
      throw new LatchkeyError('storage_unavailable', message, { cause: error })
    }
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** As the promise, with the contract's errors for the store's. */
export async function translated<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw storeError(error)
  }
}
