import type { Latchkey, RouteGrant } from '@latchkey/core'
import { gateRequest, writeReply } from '@latchkey/core/node'
import type { RequestHandler, Response } from 'express'

/**
 * A guard for routes of the app: it lets through only what `files.signUrl` signed, to the last byte of method, path and
 * query: `app.get('/unsubscribe', signed(files), handler)`. `grantOf(response)` gives the handler what was signed.
 *
 * It goes by `request.originalUrl`, so it works in routers and sub-apps. It reads no body: put it before body parsers.
 */
export function signed(files: Latchkey): RequestHandler {
  return async (request, response, next) => {
    const verdict = await files.verifyRoute(
      gateRequest(request, request.originalUrl, undefined, () => request.ip),
    )
    if ('refusal' in verdict) {
      writeReply(verdict.refusal, request, response)
      return
    }
    response.locals.latchkey = verdict.grant
    next()
  }
}

/**
 * What was signed into the URL that a guarded route was asked with; also in `response.locals.latchkey`.
 *
 * @throws Error where no guard of this module let the request through
 */
export function grantOf(response: Response): RouteGrant {
  const grant: RouteGrant | undefined = response.locals.latchkey
  if (grant === undefined) throw new Error('No signed(files) stands before this route')
  return grant
}
