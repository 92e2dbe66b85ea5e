import type { Bytes, GateRequest } from '@latchkey/core'

/** A Web request as the core wants it. `url` is the raw URL relative to the mount. */
export function webGateRequest(
  request: Request,
  url: string,
  authorize?: GateRequest['authorize'],
  address?: GateRequest['address'],
): GateRequest {
  return {
    method: request.method,
    path: url,
    header: (name) => request.headers.get(name) ?? undefined,
    body: request.body === null ? null : bytesOf(request.body),
    bodyAlreadyRead: request.bodyUsed,
    signal: request.signal,
    ...(authorize !== undefined && { authorize }),
    ...(address !== undefined && { address }),
  }
}

/** Iterates a Web stream without `return`: leaving the loop early must not cancel what is still to be drained. */
function bytesOf(stream: ReadableStream<Uint8Array>): Bytes {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        reader ??= stream.getReader()
        const result = await reader.read()
        return result.done ? { done: true, value: undefined } : { done: false, value: result.value }
      },
    }),
  }
}
