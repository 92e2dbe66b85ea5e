import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { serve as serveHono } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { latchkey as expressLatchkey } from '@latchkey/express'
import { latchkey as fastifyLatchkey } from '@latchkey/fastify'
import { latchkey as honoLatchkey } from '@latchkey/hono'
import { latchkey as koaLatchkey } from '@latchkey/koa'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import mount from 'koa-mount'
import koaStatic from 'koa-static'

/** @typedef {import('@latchkey/core').Latchkey} Latchkey */
/** @typedef {(root: string, files: Latchkey) => Promise<import('node:net').Server> | import('node:net').Server} Host */

const HOST = '127.0.0.1'

/**
 * Each framework with its own way to serve a folder to everybody, and with ours to serve it signed.
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
  'express.static': (root) => express().use('/files', express.static(root)).listen(0, HOST),
  'latchkey on express': (_, files) => express().use('/files', expressLatchkey(files)).listen(0, HOST),
  'koa-static': (root) =>
    silentKoa()
      .use(mount('/files', koaStatic(root)))
      .listen(0, HOST),
  'latchkey on koa': (_, files) =>
    silentKoa()
      .use(mount('/files', koaLatchkey(files)))
      .listen(0, HOST),
  '@fastify/static': async (root) => {
    const app = Fastify()
    await app.register(fastifyStatic, { root, prefix: '/files/' })
    await app.listen({ port: 0, host: HOST })
    return app.server
  },
  'latchkey on fastify': async (_, files) => {
    const app = Fastify()
    await app.register(fastifyLatchkey, { prefix: '/files', files })
    await app.listen({ port: 0, host: HOST })
    return app.server
  },
  'hono serveStatic': (root) => {
    const app = new Hono().use(
      '/files/*',
      serveStatic({ root, rewriteRequestPath: (path) => path.slice('/files'.length) }),
    )
    return listeningHono(app)
  },
  'latchkey on hono': (_, files) => listeningHono(new Hono().route('/files', honoLatchkey(files))),
}

/** @param {Hono} app */
function listeningHono(app) {
  return /** @type {import('node:net').Server} */ (serveHono({ fetch: app.fetch, port: 0, hostname: HOST }))
}

/** The unsigned way of a framework, by our adapter for it. */
export const PEER_OF = {
  'latchkey on express': 'express.static',
  'latchkey on koa': 'koa-static',
  'latchkey on fastify': '@fastify/static',
  'latchkey on hono': 'hono serveStatic',
}

/** At the end of a load connections break in mid-body; that each is printed would be part of what is measured. */
function silentKoa() {
  const app = new Koa()
  app.silent = true
  return app
}
