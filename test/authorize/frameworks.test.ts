import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createLatchkey, type Decision, type Latchkey } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import * as express from '@latchkey/express'
import * as fastify from '@latchkey/fastify'
import * as hono from '@latchkey/hono'
import * as koa from '@latchkey/koa'
import { type ClientFields, type RunningHost, send } from '@latchkey/testkit'
import expressApp from 'express'
import fastifyApp from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import mountAt from 'koa-mount'
import { afterEach, describe, expect, test } from 'vitest'
import { listen, originOf } from '../hosts/listen.js'

type User = string | undefined

/** Who may do what, told by the user that the app's own middleware found. */
function decisionFor(user: User, key: string | undefined): Decision {
  if (user === undefined) return 'unauthorized'
  return key?.startsWith(`${user}/`) === true ? { expiresIn: 60 } : 'forbidden'
}

declare global {
  namespace Express {
    interface Request {
      user?: User
    }
  }
}
declare module 'fastify' {
  interface FastifyRequest {
    user?: User
  }
}

const userOf = (header: unknown): User => (typeof header === 'string' ? header : undefined)

/** Apps whose middleware finds the user, in the way of each framework, and whose hook uses what it found. */
const apps: Readonly<Record<string, (files: Latchkey) => Promise<RunningHost>>> = {
  express(files) {
    const app = expressApp()
    app.use((request, _response, next) => {
      request.user = userOf(request.get('x-user'))
      next()
    })
    const authorize: NonNullable<express.LatchkeyMiddlewareOptions['authorize']> = (request, { key }) =>
      decisionFor(request.user, key)
    app.use('/files', express.latchkey(files, { authorize }))
    return listen(createServer(app))
  },
  koa(files) {
    const app = new Koa<{ user: User }>()
    app.use(async (ctx, next) => {
      ctx.state.user = userOf(ctx.get('x-user') || undefined)
      await next()
    })
    const handler = koa.latchkey<{ user: User }>(files, {
      authorize: async (ctx, { key }) => decisionFor(ctx.state.user, key),
    })
    app.use(mountAt('/files', handler))
    return listen(createServer(app.callback()))
  },
  async fastify(files) {
    const app = fastifyApp({ forceCloseConnections: true })
    app.addHook('onRequest', async (request) => {
      request.user = userOf(request.headers['x-user'])
    })
    await app.register(fastify.latchkey, {
      prefix: '/files',
      files,
      authorize: (request, { key }) => decisionFor(request.user, key),
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { origin: originOf(app.server), close: () => app.close() }
  },
  hono(files) {
    type Session = { Variables: { user: User } }
    const app = new Hono<Session>()
    app.use(async (context, next) => {
      context.set('user', userOf(context.req.header('x-user')))
      await next()
    })
    const handler = hono.latchkey<Session>(files, {
      authorize: (context, { key }) => decisionFor(context.get('user'), key),
    })
    app.route('/files', handler)
    return listen(createAdaptorServer({ fetch: app.fetch }) as ReturnType<typeof createServer>)
  },
}

const running: RunningHost[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.close()))
})

describe.each(Object.keys(apps))('%s', (name) => {
  test("the adapter's hook decides by what the app's middleware found, and wins", async () => {
    const storage = memoryDriver()
    await storage.write('ann/a.txt', one(), { contentType: 'text/plain', visibility: 'private' })
    const files = createLatchkey({
      baseUrl: '/files',
      keys: [{ id: 'k1', secret: 's'.repeat(32) }],
      storage,
      authorize: () => 'not_found',
    })
    const host = await apps[name]?.(files)
    if (host === undefined) throw new Error('no such app')
    running.push(host)
    const mint = (headers: ClientFields) =>
      send(host.origin, '/files/ann/a.txt/signed-url', { method: 'POST', headers })

    expect((await mint({})).status).toBe(401)
    expect((await mint({ 'x-user': 'bob' })).status).toBe(403)
    const { status, body } = await mint({ 'x-user': 'ann' })
    expect(status).toBe(200)
    const read = await send(host.origin, JSON.parse(body.toString()).url)
    expect([read.status, read.body.toString()]).toEqual([200, 'x'])
  })
})

async function* one(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x')
}
