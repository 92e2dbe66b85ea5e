import type { GateReply } from '@latchkey/core'
import { nodeBody, writeHeaders } from '@latchkey/core/node'
import type { Context } from 'koa'

/** Writes a reply through `ctx`. */
export function writeTo(
  ctx: Pick<Context, 'body' | 'req' | 'res' | 'set' | 'status'>,
  reply: GateReply,
): void {
  ctx.status = reply.status
  // Before the headers, since Koa derives some of them from the body.
  const body = nodeBody(reply.body)
  if (body !== null) ctx.body = body
  writeHeaders(reply, ctx.req, ctx.res.getHeader('vary'), (name, value) => ctx.set(name, value))
}
