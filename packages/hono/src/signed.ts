import type { Latchkey, RouteGrant } from '@latchkey/core'
import { belowMount, gateRequest } from '@latchkey/core/node'
import type { Context, MiddlewareHandler } from 'hono'
import { nodeIncoming } from './node-exchange.js'
import { responseOf } from './reply.js'
import { webGateRequest } from './request.js'

/** What a guard adds to the variables of a context. */
export interface SignedEnv {
  Variables: {
    /** What was signed into the URL that the route was asked with. */
    latchkey: RouteGrant
  }
}

/** What `signed(files, …)` takes. */
export interface SignedOptions {
  /** The client's address, as for `latchkey(files, { address })`. */
  readonly address?: (context: Context<SignedEnv>) => string | undefined
}

/**
 * A guard for routes of the app: it lets through only what `files.signUrl` signed, to the last byte of method, path and
 * query: `app.get('/unsubscribe', signed(files), handler)`. `c.var.latchkey` tells the handler what was signed.
 *
 * It goes by the whole URL, so it works in sub-apps and below base paths. It reads no body.
 */
export function signed(files: Latchkey, { address }: SignedOptions = {}): MiddlewareHandler<SignedEnv> {
  return async (context, next) => {
    const incoming = nodeIncoming(context.env)
    const from = address && (() => address(context))
    const request =
      incoming === undefined
        ? webGateRequest(context.req.raw, belowMount(context.req.raw.url, ''), undefined, from)
        : gateRequest(incoming, incoming.url ?? '/', undefined, from)
    const verdict = await files.verifyRoute(request)
    if ('refusal' in verdict) return responseOf(context, verdict.refusal, incoming)
    context.set('latchkey', verdict.grant)
    await next()
    return undefined
  }
}
