import type { Latchkey, RouteGrant } from '@latchkey/core'
import { gateRequest } from '@latchkey/core/node'
import type { Middleware } from 'koa'
import { writeTo } from './reply.js'

/** What a guard adds to `ctx.state`. */
export interface SignedState {
  /** What was signed into the URL that the route was asked with. */
  latchkey: RouteGrant
}

/**
 * A guard for routes of the app: it lets through only what `files.signUrl` signed, to the last byte of method, path and
 * query: `router.get('/unsubscribe', signed(files), handler)`. `ctx.state.latchkey` tells the handler what was signed.
 *
 * It goes by `ctx.originalUrl`, so it works below mounts and in routers. It reads no body: put it before body parsers.
 */
export function signed(files: Latchkey): Middleware<SignedState> {
  return async (ctx, next) => {
    const verdict = await files.verifyRoute(gateRequest(ctx.req, ctx.originalUrl, undefined, () => ctx.ip))
    if ('refusal' in verdict) {
      writeTo(ctx, verdict.refusal)
      return
    }
    ctx.state.latchkey = verdict.grant
    await next()
  }
}
