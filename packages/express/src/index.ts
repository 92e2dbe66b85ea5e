import type { Authorize, Latchkey, MintIntent } from '@latchkey/core'
import { gateRequest, writeReply } from '@latchkey/core/node'
import type { Request, RequestHandler } from 'express'

export { grantOf, signed } from './signed.js'

/** What `latchkey(files, …)` takes. */
export interface LatchkeyMiddlewareOptions {
  /** Decides who may mint over HTTP, with Express's request. Default: the `authorize` of the Latchkey, if it has one. */
  readonly authorize?: Authorize<Request>
}

/**
 * Signed serving and uploads as Express middleware: `app.use('/files', latchkey(files))`.
 *
 * It answers every request below its mount. Headers that the app set earlier are kept, `Vary` is extended. Faults
 * that Latchkey does not know go to the app's error handlers. Mount it before any body parser.
 */
export function latchkey(files: Latchkey, { authorize }: LatchkeyMiddlewareOptions = {}): RequestHandler {
  return async (request, response) => {
    const hook = authorize && ((intent: MintIntent) => authorize(request, intent))
    const reply = await files.handle(gateRequest(request, request.url, hook, () => request.ip))
    writeReply(reply, request, response)
  }
}
