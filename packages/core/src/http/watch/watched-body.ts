import type { Bytes } from '../../contracts/bytes.js'

/** What became of a body. */
export interface Sent {
  readonly bytes: number
  /** Whether its last byte was taken. */
  readonly complete: boolean
}

/**
 * Passes a body on, and tells once what was taken of it: at its end, where it breaks, or when nobody wants more.
 *
 * @param expected bytes of the whole
 */
export function watchBody(body: Bytes, expected: number, onEnd: (sent: Sent) => void): Bytes {
  return {
    [Symbol.asyncIterator]() {
      const iterator = body[Symbol.asyncIterator]()
      let bytes = 0
      let isOver = false
      const end = (complete: boolean) => {
        if (isOver) return
        isOver = true
        onEnd({ bytes, complete })
      }
      return {
        async next() {
          try {
            const result = await iterator.next()
            if (result.done === true) end(true)
            else bytes += result.value.byteLength
            return result
          } catch (error) {
            end(false)
            throw error
          }
        },
        async return() {
          // Some hosts stop as soon as they have as many bytes as the header announced.
          end(bytes === expected)
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
