import type { Authorize, Latchkey, MintIntent } from '@latchkey/core'
import { belowMount, deferContinue, gateRequest } from '@latchkey/core/node'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { sendThrough } from './reply.js'

export { grantOf, type SignedHook, signed } from './signed.js'

/** What `app.register(latchkey, …)` takes. */
export interface LatchkeyPluginOptions {
  readonly files: Latchkey
  /** Where it is mounted, for example `/files`; default the root of the app. */
  readonly prefix?: string
  /** Decides who may mint over HTTP, with Fastify's request. Default: the `authorize` of the Latchkey, if it has one. */
  readonly authorize?: Authorize<FastifyRequest>
}

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'POST', 'PATCH']

const plugin: FastifyPluginAsync<LatchkeyPluginOptions> = async (app, { files, prefix = '', authorize }) => {
  deferContinue(app.server)
  await app.register(
    async (scope) => {
      // Uploads stream through as they are, whatever parsers the app has.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      // Fastify refuses a malformed type by itself, before anyone has looked at the token; Latchkey refuses it after.
      scope.addHook('preParsing', async (request) => {
        if (request.mediaType === undefined) request.headers = { 'content-type': undefined }
      })
      const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
        const url = belowMount(request.raw.url ?? '/', scope.prefix)
        const hook = authorize && ((intent: MintIntent) => authorize(request, intent))
        const answer = await files.handle(gateRequest(request.raw, url, hook, () => request.ip))
        return sendThrough(reply, answer, request)
      }
      scope.route({ method: METHODS, url: '/*', exposeHeadRoute: false, handler })
    },
    { prefix },
  )
}

/**
 * Signed serving and uploads as a Fastify plugin: `app.register(latchkey, { prefix: '/files', files })`.
 *
 * It answers every request below its prefix through `reply`, so that `onSend` and the other hooks run. Faults that
 * Latchkey does not know go to the app's error handler. Body parsers of the app do not touch uploads.
 */
export const latchkey = fastifyPlugin(plugin, { fastify: '5.x', name: '@latchkey/fastify' })
