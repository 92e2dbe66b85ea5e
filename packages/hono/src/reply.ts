import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Bytes, type GateReply, SharedBytes } from '@latchkey/core'
import { isInMemory, isPlainResponse } from '@latchkey/core/node'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { directStream } from './direct-stream.js'
import { overArrayBuffer, readableStream } from './web-body.js'

/**
 * A reply as a response of the context; headers that the app set earlier are kept, and `Vary` is extended.
 *
 * @param outgoing Node's response, on Node
 * @param goesByItself whether a body in chunks, or in memory that is used again, goes to Node's response, if nothing but the
 *   server reads it
 */
export function responseOf(
  context: Pick<Context, 'header' | 'newResponse'>,
  reply: GateReply,
  incoming: IncomingMessage | undefined,
  outgoing?: ServerResponse,
  goesByItself = false,
): Response {
  const headers = withoutVary(reply.headers)
  if (headers !== reply.headers) context.header('vary', reply.headers.vary, { append: true })
  // @hono/node-server would end a broken body with the text of the error, inside the announced length.
  const onBroken = () => incoming?.socket.destroy()
  const body =
    goesByItself && outgoing !== undefined && goesOn(reply.body)
      ? directStream(reply.body, outgoing, onBroken)
      : webBody(reply.body, onBroken, outgoing)
  return context.newResponse(body, reply.status as StatusCode, headers)
}

/** Copied only where there is one to leave out, as most replies have none. */
function withoutVary(headers: GateReply['headers']): GateReply['headers'] {
  if (headers.vary === undefined) return headers
  const { vary: _vary, ...rest } = headers
  return rest
}

function goesOn(body: GateReply['body']): body is Bytes {
  if (body instanceof SharedBytes) return body.isReusable
  return typeof body === 'object' && body !== null && !isInMemory(body)
}

function webBody(
  body: GateReply['body'],
  onBroken: () => void,
  outgoing: ServerResponse | undefined,
): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === null || typeof body === 'string') return body
  if (body instanceof SharedBytes) {
    // A response of the platform copies it (Fetch, "extract a body"); that of @hono/node-server gives it to Node's alone.
    return overArrayBuffer(isPlainResponse(outgoing) ? body.lend() : body.copy())
  }
  return body instanceof Uint8Array ? overArrayBuffer(body) : readableStream(body, onBroken)
}
