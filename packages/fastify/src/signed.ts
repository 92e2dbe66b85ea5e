import type { Latchkey, RouteGrant } from '@latchkey/core'
import { gateRequest } from '@latchkey/core/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendThrough } from './reply.js'

/** A guard as Fastify takes it: a `preHandler`, `preValidation` or `onRequest` hook. */
export type SignedHook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

const grants = new WeakMap<FastifyRequest, RouteGrant>()

/**
 * A guard for routes of the app: it lets through only what `files.signUrl` signed, to the last byte of method, path and
 * query: `app.get('/unsubscribe', { preHandler: signed(files) }, handler)`. `grantOf(request)` gives the handler what was
 * signed. As `onRequest` it refuses before the body is read, which as `preHandler` Fastify has parsed by then.
 *
 * It goes by `request.originalUrl`, so it works below prefixes and with `rewriteUrl`.
 */
export function signed(files: Latchkey): SignedHook {
  return async (request, reply) => {
    const asked = gateRequest(request.raw, request.originalUrl, undefined, () => request.ip)
    const verdict = await files.verifyRoute(asked)
    if ('refusal' in verdict) return sendThrough(reply, verdict.refusal, request)
    grants.set(request, verdict.grant)
    return undefined
  }
}

/**
 * What was signed into the URL that a guarded route was asked with.
 *
 * @throws Error where no guard of this module let the request through
 */
export function grantOf(request: FastifyRequest): RouteGrant {
  const grant = grants.get(request)
  if (grant === undefined) throw new Error('No signed(files) stands before this route')
  return grant
}
