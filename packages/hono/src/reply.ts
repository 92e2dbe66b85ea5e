import type { IncomingMessage, ServerResponse } from 'node:http'
import { type GateReply, SharedBytes } from '@latchkey/core'
import { isLarge } from '@latchkey/core/node'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { directStream } from './direct-stream.js'
import { overArrayBuffer, readableStream } from './web-body.js'

/**
 * A reply as a response of the context; headers that the app set earlier are kept, and `Vary` is extended.
 *
 * @param outgoing where a large body goes by itself, if nothing but the server reads it
 */
export function responseOf(
  context: Pick<Context, 'header' | 'newResponse'>,
  reply: GateReply,
  incoming: IncomingMessage | undefined,
  outgoing?: ServerResponse,
): Response {
  const headers = withoutVary(reply.headers)
  if (headers !== reply.headers) context.header('vary', reply.headers.vary, { append: true })
  // @hono/node-server would end a broken body with the text of the error, inside the announced length.
  const onBroken = () => incoming?.socket.destroy()
  return context.newResponse(webBody(reply.body, onBroken, outgoing), reply.status as StatusCode, headers)
}

/** Copied only where there is one to leave out, as most replies have none. */
function withoutVary(headers: GateReply['headers']): GateReply['headers'] {
  if (headers.vary === undefined) return headers
  const { vary: _vary, ...rest } = headers
  return rest
}

function webBody(
  body: GateReply['body'],
  onBroken: () => void,
  outgoing: ServerResponse | undefined,
): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === null || typeof body === 'string') return body
  if (outgoing !== undefined && isLarge(body)) return directStream(body, outgoing, onBroken)
  if (body instanceof SharedBytes) return overArrayBuffer(body.copy())
  return body instanceof Uint8Array ? overArrayBuffer(body) : readableStream(body, onBroken)
}
