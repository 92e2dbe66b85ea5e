import type { Latchkey } from '@latchkey/core'
import { latchkey as expressLatchkey } from '@latchkey/express'
import { latchkey as fastifyLatchkey, type LatchkeyPluginOptions } from '@latchkey/fastify'
import { latchkey as honoLatchkey } from '@latchkey/hono'
import { latchkey as koaLatchkey } from '@latchkey/koa'
import express, { type RequestHandler } from 'express'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { Hono } from 'hono'
import Koa, { type Middleware } from 'koa'
import mount from 'koa-mount'

// Nothing here runs: that it compiles is the test. A type that had become `any` would make `NotAny` fail.
type NotAny<T> = 0 extends 1 & T ? never : T

declare const files: Latchkey
declare const app: FastifyInstance

const handler: RequestHandler = expressLatchkey(files) satisfies NotAny<ReturnType<typeof expressLatchkey>>
const middleware: Middleware = koaLatchkey(files) satisfies NotAny<ReturnType<typeof koaLatchkey>>
const plugin: FastifyPluginAsync<LatchkeyPluginOptions> = fastifyLatchkey satisfies NotAny<
  typeof fastifyLatchkey
>
const routes: Hono = honoLatchkey(files) satisfies NotAny<ReturnType<typeof honoLatchkey>>

express().use('/files', handler)
new Koa().use(mount('/files', middleware))
new Hono().route('/files', routes)
export const registered = app.register(plugin, { prefix: '/files', files })

// @ts-expect-error a Latchkey is needed
expressLatchkey({})
// @ts-expect-error a Latchkey is needed
koaLatchkey()
// @ts-expect-error a Latchkey is needed
honoLatchkey('files')
// @ts-expect-error `files` is needed
app.register(fastifyLatchkey, { prefix: '/files' })
