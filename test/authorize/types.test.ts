import type { Authorize, Decision, GateRequest, LatchkeyOptions, MintIntent } from '@latchkey/core'
import { bearerKeys } from '@latchkey/core'
import * as express from '@latchkey/express'
import type * as fastify from '@latchkey/fastify'
import * as hono from '@latchkey/hono'
import * as koa from '@latchkey/koa'
import type { Request as ExpressRequest } from 'express'
import type { FastifyRequest } from 'fastify'
import type { Context as HonoContext } from 'hono'
import type { Context as KoaContext, ParameterizedContext } from 'koa'
import { expectTypeOf, test } from 'vitest'

type HookOf<Options extends { readonly authorize?: unknown }> = NonNullable<Options['authorize']>
type RequestOf<Options extends { readonly authorize?: (request: never, intent: MintIntent) => unknown }> =
  Parameters<HookOf<Options>>[0]

type Session = { Variables: { user: string } }

test('the hook gets the request of its framework', () => {
  expectTypeOf<RequestOf<express.LatchkeyMiddlewareOptions>>().toEqualTypeOf<ExpressRequest>()
  expectTypeOf<RequestOf<fastify.LatchkeyPluginOptions>>().toEqualTypeOf<FastifyRequest>()
  expectTypeOf<KoaContext>().toExtend<RequestOf<koa.LatchkeyMiddlewareOptions>>()
  expectTypeOf<RequestOf<koa.LatchkeyMiddlewareOptions<{ user: string }>>['state']>().toEqualTypeOf<{
    user: string
  }>()
  expectTypeOf<RequestOf<hono.LatchkeyAppOptions<Session>>>().toEqualTypeOf<HonoContext<Session>>()
  expectTypeOf<RequestOf<LatchkeyOptions>>().toEqualTypeOf<GateRequest>()
})

test('nothing of it is any', () => {
  expectTypeOf<RequestOf<express.LatchkeyMiddlewareOptions>>().not.toBeAny()
  expectTypeOf<RequestOf<koa.LatchkeyMiddlewareOptions>>().not.toBeAny()
  expectTypeOf<RequestOf<fastify.LatchkeyPluginOptions>>().not.toBeAny()
  expectTypeOf<RequestOf<hono.LatchkeyAppOptions>>().not.toBeAny()
  expectTypeOf<Parameters<HookOf<express.LatchkeyMiddlewareOptions>>[1]>().toEqualTypeOf<MintIntent>()
  expectTypeOf<Parameters<HookOf<koa.LatchkeyMiddlewareOptions>>[1]>().toEqualTypeOf<MintIntent>()
  expectTypeOf<Parameters<HookOf<fastify.LatchkeyPluginOptions>>[1]>().toEqualTypeOf<MintIntent>()
  expectTypeOf<Parameters<HookOf<hono.LatchkeyAppOptions>>[1]>().toEqualTypeOf<MintIntent>()
  expectTypeOf<ReturnType<Authorize>>().toEqualTypeOf<Decision | Promise<Decision>>()
})

test('a parameter that is not annotated has its type, too', () => {
  ;(files: never) => {
    express.latchkey(files, {
      authorize: (request, intent) => {
        expectTypeOf(request).toEqualTypeOf<ExpressRequest>()
        expectTypeOf(intent).toEqualTypeOf<MintIntent>()
        return 'forbidden'
      },
    })
    koa.latchkey<{ user: string }>(files, {
      authorize: (ctx) => {
        expectTypeOf(ctx.state.user).toEqualTypeOf<string>()
        expectTypeOf(ctx).toExtend<ParameterizedContext<{ user: string }>>()
        return 'forbidden'
      },
    })
    hono.latchkey<Session>(files, {
      authorize: (context) => {
        expectTypeOf(context.get('user')).toEqualTypeOf<string>()
        return 'forbidden'
      },
    })
  }
})

test('what is no decision is no hook', () => {
  ;(files: never) => {
    // @ts-expect-error: a boolean decides nothing
    express.latchkey(files, { authorize: () => true })
    // @ts-expect-error: no such limit
    express.latchkey(files, { authorize: () => ({ allowed: true }) })
  }
  expectTypeOf(bearerKeys).returns.toExtend<Authorize>()
  expectTypeOf(bearerKeys).returns.toExtend<Authorize<ExpressRequest>>()
})
