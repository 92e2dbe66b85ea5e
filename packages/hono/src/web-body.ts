import type { Bytes } from '@latchkey/core'

/**
 * A Web stream over an iterable, pulled chunk by chunk and closed with it.
 *
 * @param onBroken called when the iterable throws, before the stream errors
 */
export function readableStream(bytes: Bytes, onBroken: () => void): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Uint8Array> | undefined
  // Not before it is wanted: to begin may be to read.
  const begun = () => {
    iterator ??= bytes[Symbol.asyncIterator]()
    return iterator
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const result = await begun().next()
          if (result.done === true) controller.close()
          else controller.enqueue(result.value)
        } catch (error) {
          onBroken()
          controller.error(error)
        }
      },
      async cancel() {
        await begun().return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** The same bytes, for APIs that take no view of shared memory; copied only where they are one. */
export function overArrayBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(bytes)
}
