import type { Authorize, Latchkey, MintIntent } from '@latchkey/core'
import { belowMount, gateRequest } from '@latchkey/core/node'
import { type Context, type Env, Hono } from 'hono'
import { baseRoutePath } from 'hono/route'
import { hasServersResponse, nodeIncoming, nodeOutgoing } from './node-exchange.js'
import { responseOf } from './reply.js'
import { webGateRequest } from './request.js'

export { type SignedEnv, type SignedOptions, signed } from './signed.js'

/** What `latchkey(files, …)` takes. */
export interface LatchkeyAppOptions<E extends Env = Env> {
  /** Decides who may mint over HTTP, with Hono's context. Default: the `authorize` of the Latchkey, if it has one. */
  readonly authorize?: Authorize<Context<E>>
  /**
   * The client's address, for URLs that are bound to some (`allowedAddresses`). Behind a proxy: what the proxy says, in a
   * header that it sets itself. Default: on Node the socket's; elsewhere none, and such URLs are refused.
   */
  readonly address?: (context: Context<E>) => string | undefined
  /**
   * On Node, over HTTP/1: when `@hono/node-server` reads a body that comes in chunks, or in memory that is used again (with
   * `fsDriver` what is read from the disk and larger than 16 KiB), it goes to Node's response by itself instead, which takes a
   * fraction of the CPU and half the memory that a Web stream takes. Middleware may change status and headers as ever, read
   * the body, wrap it, and put another one in its place (`compress`, `etag`): then that is what is sent, and where it has
   * changed the response there is less gain or none. `false` leaves all bodies to Web streams. Default `true`.
   */
  readonly nodeResponse?: boolean
}

/**
 * Signed serving and uploads as a Hono app: `app.route('/files', latchkey(files))`.
 *
 * It answers every request below its mount. Headers set with `c.header` before it are kept, `Vary` is extended, and
 * faults that Latchkey does not know reach `app.onError`. On Node (with `@hono/node-server`) uploads are read from
 * the Node request itself, elsewhere from the Web request. Mount it before anything that reads bodies.
 */
export function latchkey<E extends Env = Env>(
  files: Latchkey,
  { authorize, address, nodeResponse = true }: LatchkeyAppOptions<E> = {},
): Hono<E> {
  const app = new Hono<E>()
  app.all('/*', async (context) => {
    const incoming = nodeIncoming(context.env)
    const mount = baseRoutePath(context)
    const hook = authorize && ((intent: MintIntent) => authorize(context, intent))
    const from = address && (() => address(context))
    const request =
      incoming === undefined
        ? webGateRequest(context.req.raw, belowMount(context.req.url, mount), hook, from)
        : gateRequest(incoming, belowMount(incoming.url ?? '/', mount), hook, from)
    const reply = await files.handle(request)
    return responseOf(
      context,
      reply,
      incoming,
      nodeOutgoing(context.env),
      nodeResponse && hasServersResponse(),
    )
  })
  return app
}
