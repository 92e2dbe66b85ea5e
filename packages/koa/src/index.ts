import type { Latchkey } from '@latchkey/core'
import { gateRequest, nodeBody, replyHeaders } from '@latchkey/core/node'
import type { Middleware } from 'koa'

/**
 * Signed serving and uploads as Koa middleware: `app.use(mount('/files', latchkey(files)))` with koa-mount.
 *
 * It answers every request below its mount, through `ctx`, so that middleware before it sees and may change the
 * reply. Faults that Latchkey does not know are thrown. Mount it before any body parser.
 */
export function latchkey(files: Latchkey): Middleware {
  return async (ctx) => {
    const reply = await files.handle(gateRequest(ctx.req, ctx.url))
    ctx.status = reply.status
    // Before the headers, since Koa derives some of them from the body.
    const body = nodeBody(reply.body)
    if (body !== null) ctx.body = body
    for (const [name, value] of replyHeaders(reply, ctx.req, ctx.res.getHeader('vary'))) ctx.set(name, value)
  }
}
