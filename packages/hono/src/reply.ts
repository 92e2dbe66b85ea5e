import type { IncomingMessage } from 'node:http'
import type { GateReply } from '@latchkey/core'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { overArrayBuffer, readableStream } from './web-body.js'

/** A reply as a response of the context; headers that the app set earlier are kept, and `Vary` is extended. */
export function responseOf(
  context: Pick<Context, 'header' | 'newResponse'>,
  reply: GateReply,
  incoming: IncomingMessage | undefined,
): Response {
  const headers = withoutVary(reply.headers)
  if (headers !== reply.headers) context.header('vary', reply.headers.vary, { append: true })
  // @hono/node-server would end a broken body with the text of the error, inside the announced length.
  const body = webBody(reply.body, () => incoming?.socket.destroy())
  return context.newResponse(body, reply.status as StatusCode, headers)
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
): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === null || typeof body === 'string') return body
  return body instanceof Uint8Array ? overArrayBuffer(body) : readableStream(body, onBroken)
}
