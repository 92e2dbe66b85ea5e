import type { GateReply } from '../contracts/gate.js'
import type { CountedDownload } from './download-count.js'

/** The body of a counted download, which is given back where nobody takes the first chunk, or there is none to take. */
export function countedBody(
  body: NonNullable<GateReply['body']>,
  download: CountedDownload,
): AsyncIterable<Uint8Array> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? once(Buffer.from(body)) : body
  return {
    [Symbol.asyncIterator]() {
      const iterator = bytes[Symbol.asyncIterator]()
      let begun = false
      return {
        async next() {
          if (begun) return iterator.next()
          try {
            const first = await iterator.next()
            begun = true
            return first
          } catch (error) {
            await download.release()
            throw error
          }
        },
        async return() {
          if (!begun) await download.release()
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
