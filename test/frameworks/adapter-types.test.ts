import { latchkey as expressLatchkey } from '@latchkey/express'
import { latchkey as fastifyLatchkey, type LatchkeyPluginOptions } from '@latchkey/fastify'
import { latchkey as honoLatchkey } from '@latchkey/hono'
import { latchkey as koaLatchkey } from '@latchkey/koa'
import express, { type RequestHandler } from 'express'
import fastify, { type FastifyPluginAsync } from 'fastify'
import { Hono } from 'hono'
import type { BlankEnv } from 'hono/types'
import Koa, { type Middleware } from 'koa'
import mount from 'koa-mount'
import { expect, expectTypeOf, it } from 'vitest'
import { appFiles } from './app-files.js'

// What `expectTypeOf` and `@ts-expect-error` say is checked by the compiler, not when this runs.
const { files } = appFiles('/files')

it('each adapter has the type that its framework takes, and none is any', async () => {
  expectTypeOf(expressLatchkey).returns.toEqualTypeOf<RequestHandler>()
  expectTypeOf(koaLatchkey(files)).toEqualTypeOf<Middleware>()
  expectTypeOf(honoLatchkey<BlankEnv>(files)).toEqualTypeOf<Hono>()
  expectTypeOf(fastifyLatchkey).toExtend<FastifyPluginAsync<LatchkeyPluginOptions>>()
  for (const adapter of [expressLatchkey, koaLatchkey, honoLatchkey]) expectTypeOf(adapter).not.toBeAny()
  expectTypeOf(fastifyLatchkey).not.toBeAny()
  express().use('/files', expressLatchkey(files))
  new Koa().use(mount('/files', koaLatchkey(files)))
  new Hono().route('/files', honoLatchkey(files))
  const app = fastify()
  await app.register(fastifyLatchkey, { prefix: '/files', files })
  await app.close()
})

it('no adapter takes anything but a Latchkey', () => {
  // @ts-expect-error an empty object is none
  expect(expressLatchkey({})).toBeTypeOf('function')
  // @ts-expect-error nothing is none
  expect(koaLatchkey()).toBeTypeOf('function')
  // @ts-expect-error a text is none
  expect(honoLatchkey('files')).toBeInstanceOf(Hono)
  expectTypeOf<Parameters<typeof fastifyLatchkey>[1]>().toExtend<LatchkeyPluginOptions>()
})
