import { type Bytes, RELEASE } from '../contracts/bytes.js'

/** A request body that knows whether it was read to its end. */
export interface TrackedBody extends Bytes {
  /** The body, where something of it is still to come; else `null`. */
  unread(): Bytes | null
}

/** Follows a body. Every iteration goes on where the last one stopped, and none of them ends the source early. */
export function trackBody(body: Bytes | null): TrackedBody | null {
  if (body === null) return null
  const iterator = body[Symbol.asyncIterator]()
  let over = false
  const tracked: TrackedBody = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const result = await iterator.next()
          over = result.done === true
          return result
        } catch (error) {
          over = true
          throw error
        }
      },
    }),
    [RELEASE]: (chunk) => body[RELEASE]?.(chunk),
    unread: () => (over ? null : tracked),
  }
  return tracked
}
