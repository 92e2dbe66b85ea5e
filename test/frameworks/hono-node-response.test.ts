import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { IncomingMessage, request, type Server, ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { createAdaptorServer } from '@hono/node-server'
import { SharedBytes, type StorageDriver } from '@latchkey/core'
import { latchkey } from '@latchkey/hono'
import { type RunningHost, send } from '@latchkey/testkit'
import { Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { directStream } from '../../packages/hono/src/direct-stream.js'
import { listen } from '../hosts/listen.js'
import { appFiles, madeUpStorage } from './app-files.js'

const SIZES = { small: 1000, large: 60_000, reused: 50_000, streamed: 3_000_000 }
const KEYS = Object.keys(SIZES) as (keyof typeof SIZES)[]
const bytes = randomBytes(SIZES.streamed)
const object = (key: keyof typeof SIZES) => bytes.subarray(0, SIZES[key])

let running: RunningHost | undefined
/** The objects whose bytes nobody takes any more. */
let released: string[] = []
afterEach(async () => {
  released = []
  vi.restoreAllMocks()
  await running?.close()
})

/** Memory that is overwritten when it is given back. */
function reusedMemory(key: string): SharedBytes {
  const memory = Buffer.from(bytes.subarray(0, SIZES.reused))
  return new SharedBytes(memory, () => {
    memory.fill(0)
    released.push(key)
  })
}

/**
 * Small objects come in one array, as from a disk, one in memory that is used again, and others in chunks; of `broken` the
 * second chunk is missing.
 */
function storage(): StorageDriver {
  const sizeOf = (key: string) =>
    SIZES[key as keyof typeof SIZES] ?? (key === 'endless' ? 1e12 : bytes.length)
  async function* chunks(key: string) {
    try {
      for (let at = 0; at < sizeOf(key); at += 250_000) {
        if (key === 'broken' && at > 0) throw new Error('the disk is gone')
        const from = at % bytes.length
        yield Buffer.from(bytes.subarray(from, from + 250_000))
      }
    } finally {
      released.push(key)
    }
  }
  return madeUpStorage(sizeOf, (key) => {
    if (key === 'reused') return reusedMemory(key)
    return sizeOf(key) > 100_000 ? chunks(key) : Buffer.from(bytes.subarray(0, sizeOf(key)))
  })
}

async function serving(middleware: MiddlewareHandler | undefined, options: { nodeResponse?: boolean } = {}) {
  const { files } = appFiles('/files', { storage: storage() })
  const app = new Hono()
  if (middleware !== undefined) app.use(middleware)
  app.route('/files', latchkey(files, options))
  running = await listen(createAdaptorServer({ fetch: app.fetch }) as Server)
  const { origin } = running
  return {
    app,
    files,
    async get(key: string, headers: Record<string, string> = {}) {
      return send(origin, (await files.signedUrl(key)).url, { headers })
    },
  }
}

/** Whether bodies were read through Web streams. */
function pulls() {
  return vi.spyOn(ReadableStream.prototype, 'getReader')
}

describe('nodeResponse', () => {
  it.each(KEYS)('sends what is %s, and reads no large body through a Web stream', async (key) => {
    const { get } = await serving(undefined)
    const readers = pulls()
    const reply = await get(key)
    expect([reply.status, reply.body.equals(object(key))]).toEqual([200, true])
    expect(reply.headers['content-length']).toBe(String(SIZES[key]))
    expect(readers).not.toHaveBeenCalled()
  })

  it('is on by default', async () => {
    const { get } = await serving(undefined, {})
    const readers = pulls()
    expect((await get('streamed')).body.equals(object('streamed'))).toBe(true)
    expect(readers).not.toHaveBeenCalled()
  })

  it('gives memory back that is used again when it has gone out', async () => {
    const { get } = await serving(undefined)
    expect((await get('reused')).body.equals(object('reused'))).toBe(true)
    await expect.poll(() => released).toEqual(['reused'])
  })

  it('keeps memory that a response holds which an app keeps, to read it later', async () => {
    let kept: Response | undefined
    const { get } = await serving(
      async (context, next) => {
        await next()
        kept = context.res
      },
      { nodeResponse: false },
    )
    expect((await get('reused')).body.equals(object('reused'))).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(released).toEqual([])
    const later = await kept?.clone().arrayBuffer()
    expect(Buffer.from(later ?? new ArrayBuffer(0)).equals(object('reused'))).toBe(true)
  })

  it('can be turned off', async () => {
    const { get } = await serving(undefined, { nodeResponse: false })
    const readers = pulls()
    expect((await get('streamed')).body.equals(object('streamed'))).toBe(true)
    expect(readers).toHaveBeenCalled()
  })

  it.each(KEYS)('keeps what middleware sets before and after: %s', async (key) => {
    const { get } = await serving(async (context, next) => {
      context.header('x-before', 'kept')
      context.header('set-cookie', 'a=1')
      context.header('set-cookie', 'b=2', { append: true })
      await next()
      context.header('x-after', String(context.res.status))
      context.res.headers.set('cache-control', 'private, no-cache')
    })
    const reply = await get(key)
    expect(reply.body.equals(object(key))).toBe(true)
    expect(reply.headers).toMatchObject({
      'x-before': 'kept',
      'x-after': '200',
      'set-cookie': 'a=1, b=2',
      'cache-control': 'private, no-cache',
    })
  })

  it.each(KEYS)('leaves compression to work: %s', async (key) => {
    const { get } = await serving(async (context, next) => {
      await next()
      // What is compressed is of a type that is worth it.
      context.res.headers.set('content-type', 'text/plain')
      return compress({ threshold: 0 })(context, async () => {})
    })
    const reply = await get(key, { 'accept-encoding': 'gzip' })
    expect(reply.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(reply.body).equals(object(key))).toBe(true)
  })

  it.each<[string, MiddlewareHandler]>([
    ['a copy of the response', etag()],
    [
      'a tee of the body',
      async (context, next) => {
        await next()
        const [one, other] = (context.res.body as ReadableStream<Uint8Array>).tee()
        // Done only when the other one is, too.
        void other.cancel()
        context.res = new Response(one, context.res)
      },
    ],
    [
      'a reader of the middleware’s own',
      async (context, next) => {
        await next()
        const reader = (context.res.body as ReadableStream<Uint8Array>).getReader()
        const passedOn = new ReadableStream<Uint8Array>({
          async pull(controller) {
            const { done, value } = await reader.read()
            if (done) controller.close()
            else controller.enqueue(value)
          },
        })
        context.res = new Response(passedOn, context.res)
      },
    ],
    [
      'a response that was read as a whole',
      async (context, next) => {
        await next()
        context.res = new Response(await context.res.arrayBuffer(), context.res)
      },
    ],
  ])('leaves %s to work', async (_, middleware) => {
    const { get } = await serving(middleware)
    for (const key of KEYS) expect((await get(key)).body.equals(object(key)), key).toBe(true)
  })

  it.each(KEYS)('sends what a stream makes of it that begins when it is read: %s', async (key) => {
    const inverted = (chunk: Uint8Array) => chunk.map((byte) => 255 - byte)
    const { get } = await serving(async (context, next) => {
      await next()
      const body = context.res.body as ReadableStream<Uint8Array>
      let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
      const lazy = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            reader ??= body.getReader()
            const { done, value } = await reader.read()
            if (done) controller.close()
            else controller.enqueue(inverted(value))
          },
        },
        { highWaterMark: 0 },
      )
      // Where there is one, Hono makes another one of both, which the server reads before the headers are out.
      context.res = undefined
      context.res = new Response(lazy, { headers: { 'content-length': String(SIZES[key]) } })
    })
    expect((await get(key)).body.equals(inverted(object(key)))).toBe(true)
  })

  it('leaves bodies to a server that has no response of its own', async () => {
    const { files } = await serving(undefined)
    const serversResponse = globalThis.Response
    const platformsResponse = Object.getPrototypeOf(serversResponse)
    const app = new Hono().route('/files', latchkey(files))
    const outgoing = new ServerResponse(new IncomingMessage(new Socket()))
    const incoming = new IncomingMessage(new Socket())
    incoming.url = (await files.signedUrl('streamed')).url
    Object.defineProperty(globalThis, 'Response', { value: platformsResponse })
    try {
      const reply = await app.request(incoming.url, {}, { incoming, outgoing })
      outgoing.flushHeaders()
      const reader = reply.body?.getReader()
      expect((await reader?.read())?.value).toBeDefined()
      await reader?.cancel()
    } finally {
      Object.defineProperty(globalThis, 'Response', { value: serversResponse })
    }
  })

  it('breaks the connection where the body breaks', async () => {
    const { get } = await serving(undefined)
    await expect(get('broken')).rejects.toThrow()
  })

  it('lets go of the object when the client goes away', async () => {
    const { files } = await serving(undefined)
    const { url } = await files.signedUrl('endless')
    const reply = await new Promise<IncomingMessage>((resolve) => {
      request(`${running?.origin}${url}`, resolve).end()
    })
    await once(reply, 'data')
    expect(released).toEqual([])
    reply.destroy()
    await expect.poll(() => released).toEqual(['endless'])
  })

  it('has one reader: none beside another, nor a second one', async () => {
    const body = () => new SharedBytes(Buffer.alloc(50_000, 'x'))
    const outgoing = { headersSent: true, listenerCount: () => 0 } as unknown as ServerResponse
    const taken = directStream(body(), outgoing, () => {})
    taken.getReader()
    expect(() => taken.getReader()).toThrow(TypeError)
    const locked = directStream(body(), outgoing, () => {})
    const [one] = locked.tee()
    expect(() => locked.getReader()).toThrow(TypeError)
    expect((await one.getReader().read()).value).toHaveLength(50_000)
    expect(() => directStream(body(), outgoing, () => {}).getReader({ mode: 'byob' })).toThrow(TypeError)
  })

  it('leaves HTTP/2 as it is', async () => {
    const { app, files } = await serving(undefined)
    const { url } = await files.signedUrl('streamed')
    const server = createAdaptorServer({ fetch: app.fetch, createServer: createHttp2Server }).listen(0)
    await once(server, 'listening')
    const session = connect(`http://localhost:${(server.address() as AddressInfo).port}`)
    const parts: Buffer[] = []
    for await (const part of session.request({ ':path': url })) parts.push(part as Buffer)
    await new Promise<void>((resolve) => session.close(resolve))
    server.close()
    expect(Buffer.concat(parts).equals(object('streamed'))).toBe(true)
  })

  it('is a Web stream to whoever asks without a server', async () => {
    const { app, files } = await serving(undefined)
    for (const key of KEYS) {
      const reply = await app.request((await files.signedUrl(key)).url)
      expect(Buffer.from(await reply.arrayBuffer()).equals(object(key)), key).toBe(true)
    }
  })
})
