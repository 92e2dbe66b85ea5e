import type { GateReply, Latchkey } from '@latchkey/core'
import { belowMount, gateRequest } from '@latchkey/core/node'
import { Hono } from 'hono'
import { baseRoutePath } from 'hono/route'
import type { StatusCode } from 'hono/utils/http-status'
import { nodeIncoming, webGateRequest } from './request.js'
import { overArrayBuffer, readableStream } from './web-body.js'

/**
 * Signed serving and uploads as a Hono app: `app.route('/files', latchkey(files))`.
 *
 * It answers every request below its mount. Headers set with `c.header` before it are kept, `Vary` is extended, and
 * faults that Latchkey does not know reach `app.onError`. On Node (with `@hono/node-server`) uploads are read from
 * the Node request itself, elsewhere from the Web request. Mount it before anything that reads bodies.
 */
export function latchkey(files: Latchkey): Hono {
  const app = new Hono()
  app.all('/*', async (context) => {
    const incoming = nodeIncoming(context.env)
    const mount = baseRoutePath(context)
    const request =
      incoming === undefined
        ? webGateRequest(context.req.raw, belowMount(context.req.url, mount))
        : gateRequest(incoming, belowMount(incoming.url ?? '/', mount))
    const reply = await files.handle(request)
    const { vary, ...headers } = reply.headers
    if (vary !== undefined) context.header('vary', vary, { append: true })
    // @hono/node-server would end a broken body with the text of the error, inside the announced length.
    const body = webBody(reply.body, () => incoming?.socket.destroy())
    return context.newResponse(body, reply.status as StatusCode, headers)
  })
  return app
}

function webBody(
  body: GateReply['body'],
  onBroken: () => void,
): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === null || typeof body === 'string') return body
  return body instanceof Uint8Array ? overArrayBuffer(body) : readableStream(body, onBroken)
}
