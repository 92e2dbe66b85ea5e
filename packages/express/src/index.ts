import type { Latchkey } from '@latchkey/core'
import { gateRequest, writeReply } from '@latchkey/core/node'
import type { RequestHandler } from 'express'

/**
 * Signed serving and uploads as Express middleware: `app.use('/files', latchkey(files))`.
 *
 * It answers every request below its mount. Headers that the app set earlier are kept, `Vary` is extended. Faults
 * that Latchkey does not know go to the app's error handlers. Mount it before any body parser.
 */
export function latchkey(files: Latchkey): RequestHandler {
  return async (request, response) => {
    const reply = await files.handle(gateRequest(request, request.url))
    writeReply(reply, request, response)
  }
}
