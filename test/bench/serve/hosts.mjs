import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** @typedef {'accel' | 'disk' | 'public' | 'turns'} Way of ours to serve */
/** @typedef {(root: string, way?: string) => Promise<import('node:net').Server> | import('node:net').Server} Host */

const HOST = '127.0.0.1'
/** No body past Hono's own response. */
export const WEB_STREAMS = 'latchkey on hono, Web streams'

/**
 * Each framework with its own way to serve a folder to everybody, and with ours to serve it signed.
 * A process loads what it serves by alone, or its memory would be of all of them.
 *
 * @type {Record<string, Host>}
 */
export const hosts = {
  'node:http pipe': (root) =>
    createServer(async (request, response) => {
      const path = join(root, (request.url ?? '').slice('/files/'.length))
      const { size } = await stat(path)
      response.setHeader('content-length', size)
      createReadStream(path).pipe(response)
    }).listen(0, HOST),
  'express.static': async (root) => {
    const { default: express } = await import('express')
    return express().use('/files', express.static(root)).listen(0, HOST)
  },
  'latchkey on express': async (root, way) => {
    const [{ default: express }, { latchkey }] = await Promise.all([
      import('express'),
      import('@latchkey/express'),
    ])
    const app = express().use('/files', latchkey(await filesIn(root, way)))
    return app.listen(0, HOST)
  },
  'koa-static': async (root) => {
    const { default: koaStatic } = await import('koa-static')
    return koaWith(koaStatic(root))
  },
  'latchkey on koa': async (root, way) => {
    const { latchkey } = await import('@latchkey/koa')
    return koaWith(latchkey(await filesIn(root, way)))
  },
  '@fastify/static': async (root) => {
    const { default: fastifyStatic } = await import('@fastify/static')
    return fastifyWith((app) => app.register(fastifyStatic, { root, prefix: '/files/' }))
  },
  'latchkey on fastify': async (root, way) => {
    const { latchkey } = await import('@latchkey/fastify')
    const files = await filesIn(root, way)
    return fastifyWith((app) => app.register(latchkey, { prefix: '/files', files }))
  },
  'hono serveStatic': async (root) => {
    const { serveStatic } = await import('@hono/node-server/serve-static')
    const rewriteRequestPath = (/** @type {string} */ path) => path.slice('/files'.length)
    return honoWith((app) => app.use('/files/*', serveStatic({ root, rewriteRequestPath })))
  },
  'latchkey on hono': async (root, way) => {
    const { latchkey } = await import('@latchkey/hono')
    const files = await filesIn(root, way)
    return honoWith((app) => app.route('/files', latchkey(files)))
  },
  [WEB_STREAMS]: async (root, way) => {
    const { latchkey } = await import('@latchkey/hono')
    const files = await filesIn(root, way)
    return honoWith((app) => app.route('/files', latchkey(files, { nodeResponse: false })))
  },
}

/**
 * @param {string} root
 * @param {string} [way]
 */
async function filesIn(root, way) {
  const [{ fsDriver }, { latchkeyOver }] = await Promise.all([
    import('@latchkey/drivers/fs'),
    import('../latchkey.mjs'),
  ])
  return latchkeyOver(fsDriver({ root, ...(way === 'disk' && { contentCacheSize: 0 }) }), {
    ...(way === 'accel' && { delivery: 'accel', accel: { location: '/protected/' } }),
    // Here only: the same object, with a token and without.
    ...(way === 'public' && { visibility: () => 'public' }),
  })
}

/** @param {import('koa').Middleware} middleware */
async function koaWith(middleware) {
  const [{ default: Koa }, { default: mount }] = await Promise.all([import('koa'), import('koa-mount')])
  const app = new Koa()
  // At the end of a load connections break in mid-body; that each is printed would be part of what is measured.
  app.silent = true
  return app.use(mount('/files', middleware)).listen(0, HOST)
}

/** @param {(app: import('fastify').FastifyInstance) => PromiseLike<unknown>} register */
async function fastifyWith(register) {
  const { default: Fastify } = await import('fastify')
  const app = Fastify()
  await register(app)
  await app.listen({ port: 0, host: HOST })
  return app.server
}

/** @param {(app: import('hono').Hono) => unknown} use */
async function honoWith(use) {
  const [{ Hono }, { serve }] = await Promise.all([import('hono'), import('@hono/node-server')])
  const app = new Hono()
  use(app)
  const server = serve({ fetch: app.fetch, port: 0, hostname: HOST })
  return /** @type {import('node:net').Server} */ (server)
}

/** The unsigned way of a framework, by our adapter for it. */
export const PEER_OF = {
  'latchkey on express': 'express.static',
  'latchkey on koa': 'koa-static',
  'latchkey on fastify': '@fastify/static',
  'latchkey on hono': 'hono serveStatic',
}
