import type { Authorize, Latchkey, MintIntent } from '@latchkey/core'
import { gateRequest } from '@latchkey/core/node'
import type { DefaultContext, DefaultState, Middleware, ParameterizedContext } from 'koa'
import { writeTo } from './reply.js'

export { type SignedState, signed } from './signed.js'

/** What `latchkey(files, …)` takes. */
export interface LatchkeyMiddlewareOptions<State = DefaultState, Custom = DefaultContext> {
  /** Decides who may mint over HTTP, with Koa's context. Default: the `authorize` of the Latchkey, if it has one. */
  readonly authorize?: Authorize<ParameterizedContext<State, Custom>>
}

const RESPELLED = /[^\x21-\x7e]|#/

/**
 * Signed serving and uploads as Koa middleware: `app.use(mount('/files', latchkey(files)))` with koa-mount.
 *
 * It answers every request below its mount, through `ctx`, so that middleware before it sees and may change the
 * reply. Faults that Latchkey does not know are thrown. Mount it before any body parser.
 */
export function latchkey<State = DefaultState, Custom = DefaultContext>(
  files: Latchkey,
  { authorize }: LatchkeyMiddlewareOptions<State, Custom> = {},
): Middleware<State, Custom> {
  return async (ctx) => {
    const hook = authorize && ((intent: MintIntent) => authorize(ctx, intent))
    // Koa's parser respells such a URL when koa-mount cuts it; as the core refuses it anyway, it is told so.
    const url = RESPELLED.test(ctx.originalUrl) ? '/#' : ctx.url
    const reply = await files.handle(gateRequest(ctx.req, url, hook, () => ctx.ip))
    writeTo(ctx, reply)
  }
}
