import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Latchkey, RouteGrant } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import * as onExpress from '@latchkey/express'
import * as onFastify from '@latchkey/fastify'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import type { RunningHost } from '@latchkey/testkit'
import express from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import mountAt from 'koa-mount'
import { listen, originOf } from '../hosts/listen.js'

/** What the guarded route answers with. */
export interface Told {
  readonly method: string
  readonly grant: { readonly subject?: string; readonly payload?: string; readonly expiresAt: string }
  readonly body?: unknown
}

/**
 * An app of two routers in one another, `/api` and `/v1`, with middleware before them and a guarded route for every
 * method and path below. Bodies are parsed behind the guard. Files are at `/files`.
 */
export interface GuardedApp {
  readonly name: string
  /** @param log gets `before`, `route` and `after`, as they are reached */
  start(files: Latchkey, log: string[]): Promise<RunningHost>
}

const told = (method: string, grant: RouteGrant, body: unknown) => ({ method, grant, body })

const expressApp: GuardedApp = {
  name: 'express',
  start(files, log) {
    const app = express()
    app.use((_request, response, next) => {
      log.push('before')
      response.set('x-before', 'kept').vary('X-Before')
      response.once('finish', () => log.push('after'))
      next()
    })
    app.use('/files', onExpress.latchkey(files))
    const v1 = express.Router()
    v1.all('/{*rest}', onExpress.signed(files), express.json(), (request, response) => {
      log.push('route')
      response.json(told(request.method, onExpress.grantOf(response), request.body))
    })
    const api = express.Router().use('/v1', v1)
    app.use('/api', api)
    app.get('/unguarded', (_request, response) => {
      response.json(told('GET', onExpress.grantOf(response), null))
    })
    app.use(((_error, _request, response, _next) => {
      response.status(500).end('fault')
    }) satisfies express.ErrorRequestHandler)
    return listen(deferContinue(createServer(app)))
  },
}

const koaApp: GuardedApp = {
  name: 'koa',
  start(files, log) {
    const app = new Koa()
    app.silent = true
    app.use(async (ctx, next) => {
      log.push('before')
      ctx.set('x-before', 'kept')
      ctx.vary('X-Before')
      await next()
      log.push('after')
    })
    app.use(mountAt('/files', onKoa.latchkey(files)))
    const v1 = new Router<onKoa.SignedState>({ prefix: '/v1' })
    v1.all('/{*rest}', onKoa.signed(files), bodyParser(), (ctx) => {
      log.push('route')
      ctx.body = told(ctx.method, ctx.state.latchkey, ctx.request.body)
    })
    app.use(mountAt('/api', new Koa<onKoa.SignedState>().use(v1.routes())))
    return listen(deferContinue(createServer(app.callback())))
  },
}

function fastifyApp(hook: 'preHandler' | 'onRequest'): GuardedApp {
  return {
    name: `fastify, as ${hook}`,
    async start(files, log) {
      const app = fastify({ exposeHeadRoutes: false })
      app.addHook('onRequest', async (_request, reply) => {
        log.push('before')
        reply.header('x-before', 'kept').header('vary', 'X-Before')
      })
      app.addHook('onResponse', async () => {
        log.push('after')
      })
      await app.register(onFastify.latchkey, { prefix: '/files', files })
      const guarded = async (v1: FastifyInstance) => {
        const method = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']
        v1.route({
          method,
          url: '/*',
          [hook]: onFastify.signed(files),
          handler: async (request) => {
            log.push('route')
            return told(request.method, onFastify.grantOf(request), request.body)
          },
        })
      }
      await app.register(async (api) => api.register(guarded, { prefix: '/v1' }), { prefix: '/api' })
      app.get('/unguarded', async (request) => told('GET', onFastify.grantOf(request), null))
      await app.listen({ port: 0, host: '127.0.0.1' })
      return { origin: originOf(app.server), close: () => app.close() }
    },
  }
}

const honoApp: GuardedApp = {
  name: 'hono',
  start(files, log) {
    const app = new Hono()
    app.use(async (c, next) => {
      log.push('before')
      c.header('x-before', 'kept')
      c.header('vary', 'X-Before')
      await next()
      log.push('after')
    })
    app.route('/files', onHono.latchkey(files))
    const v1 = new Hono().all('/*', onHono.signed(files), async (c) => {
      log.push('route')
      const text = await c.req.text()
      return c.json(told(c.req.method, c.var.latchkey, text === '' ? null : JSON.parse(text)))
    })
    app.route('/', new Hono().basePath('/api').route('/v1', v1))
    return listen(deferContinue(createAdaptorServer({ fetch: app.fetch }) as Server))
  },
}

/** The same app in each framework. */
export const guardedApps: readonly GuardedApp[] = [
  expressApp,
  koaApp,
  fastifyApp('preHandler'),
  fastifyApp('onRequest'),
  honoApp,
]
