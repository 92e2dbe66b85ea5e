import { randomBytes } from 'node:crypto'
import type { Server, ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { SharedBytes } from '@latchkey/core'
import { latchkey } from '@latchkey/hono'
import type { RunningHost } from '@latchkey/testkit'
import { Hono, type MiddlewareHandler } from 'hono'
import { afterEach, expect, it, vi } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles, madeUpStorage } from './app-files.js'

const bytes = randomBytes(60_000)
/** What every download of the object is read from. */
const memory = new Uint8Array(bytes)

let running: RunningHost | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await running?.close()
  memory.set(bytes)
})

const storage = madeUpStorage(
  () => bytes.length,
  () => new SharedBytes(memory),
)

async function serving(middleware?: MiddlewareHandler, overrideGlobalObjects = true) {
  const { files } = appFiles('/files', { storage })
  const app = new Hono()
  if (middleware !== undefined) app.use(middleware)
  app.route('/files', latchkey(files))
  running = await listen(createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects }) as Server)
  const { origin } = running
  return async () => {
    const { url } = await files.signedUrl('object')
    return Buffer.from(await (await fetch(origin + url)).arrayBuffer())
  }
}

it('small objects go out of memory without a copy where nobody but the system takes them', async () => {
  const copies = vi.spyOn(SharedBytes.prototype, 'copy')
  const get = await serving()
  expect((await get()).equals(bytes)).toBe(true)
  expect(copies).not.toHaveBeenCalled()
})

it.each<[string, MiddlewareHandler, boolean?]>([
  [
    'reads the body',
    async (context, next) => {
      await next()
      const own = new Uint8Array(await context.res.arrayBuffer())
      context.res = new Response(own.slice())
      own.fill(0)
    },
  ],
  [
    'reads a clone',
    async (context, next) => {
      await next()
      new Uint8Array(await context.res.clone().arrayBuffer()).fill(0)
    },
  ],
  [
    'changes chunks on their way',
    async (context, next) => {
      await next()
      const shadow = context.res.body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            controller.enqueue(new Uint8Array(chunk))
            chunk.fill(0)
          },
        }),
      )
      context.res = new Response(shadow)
    },
  ],
  [
    'writes into what goes to the response of Node',
    async (context, next) => {
      const outgoing = context.env.outgoing as ServerResponse
      const end = outgoing.end
      outgoing.end = ((chunk: Uint8Array, ...rest: []) => {
        const own = new Uint8Array(chunk)
        chunk.fill(0)
        return Reflect.apply(end, outgoing, [own, ...rest])
      }) as typeof end
      await next()
    },
  ],
  [
    'has the platform make the responses',
    async (context, next) => {
      await next()
      new Uint8Array(await context.res.clone().arrayBuffer()).fill(0)
    },
    false,
  ],
])('an app that %s changes no other download', async (_, middleware, overrides = true) => {
  const get = await serving(middleware, overrides)
  for (let turn = 0; turn < 2; turn++) expect((await get()).equals(bytes)).toBe(true)
  expect(Buffer.from(memory).equals(bytes)).toBe(true)
})
