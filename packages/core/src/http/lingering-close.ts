import type { Bytes } from '../contracts/bytes.js'
import type { GateReply } from '../contracts/gate.js'

const MOST_BYTES = 16 * 1024 * 1024
const MOST_MS = 10_000
const IDLE_MS = 3_000

const encoder = new TextEncoder()

/**
 * Makes a refusal reach a client that is still sending: the whole answer goes out at once, then a bounded amount
 * of the body is read and dropped before the connection closes. Closing at once would send a reset that can
 * overtake the answer; keeping the connection would let the rest of the body pass as the next request.
 */
export function closeSlowly(reply: GateReply, unread: Bytes): GateReply {
  const body = typeof reply.body === 'string' ? encoder.encode(reply.body) : reply.body
  if (body === null || !(body instanceof Uint8Array)) return reply
  return {
    status: reply.status,
    headers: { ...reply.headers, connection: 'close' },
    body: thenDrained(body, unread),
  }
}

async function* thenDrained(answer: Uint8Array, unread: Bytes): AsyncGenerator<Uint8Array> {
  yield answer
  const iterator = unread[Symbol.asyncIterator]()
  const deadline = Date.now() + MOST_MS
  let bytes = 0
  while (bytes < MOST_BYTES && Date.now() < deadline) {
    const size = await nextSize(iterator)
    if (size === null) return
    bytes += size
  }
}

/** The size of the next chunk; `null` at the end, on an error, or when the client falls silent. */
async function nextSize(iterator: AsyncIterator<Uint8Array>): Promise<number | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, IDLE_MS, null)
  })
  const chunk = iterator.next().then(
    (result) => (result.done === true ? null : result.value.byteLength),
    () => null,
  )
  try {
    return await Promise.race([chunk, silence])
  } finally {
    clearTimeout(timer)
  }
}
