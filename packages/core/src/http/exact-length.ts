import type { Bytes } from '../contracts/bytes.js'
import { LatchkeyError } from '../token/index.js'

/**
 * Passes on exactly `length` bytes, and throws where the source has fewer or more: a truncated read must break the
 * connection, not end a short body as if it were whole. Its iterator is written by hand because a generator that
 * was never started does not run its `finally`, and so would leave the source open.
 */
export function exactLength(source: Bytes, length: number): Bytes {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]()
      let left = length
      return {
        async next() {
          const result = await iterator.next()
          if (result.done === true) {
            if (left !== 0)
              throw new LatchkeyError('storage_unavailable', `the storage sent ${left} bytes too few`)
            return result
          }
          left -= result.value.byteLength
          if (left < 0) {
            await iterator.return?.()
            throw new LatchkeyError('storage_unavailable', 'the storage sent more bytes than it announced')
          }
          return result
        },
        async return() {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
