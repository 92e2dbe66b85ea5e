import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { LatchkeyError } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { latchkey } from '@latchkey/hono'
import { RawConnection, type RunningHost, send } from '@latchkey/testkit'
import { Hono, type HonoRequest } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles, brokenStorage } from './app-files.js'

let running: RunningHost | undefined

async function start(app: Hono): Promise<string> {
  running = await listen(deferContinue(createAdaptorServer({ fetch: app.fetch }) as Server))
  return running.origin
}

afterEach(() => running?.close())

/** An app with middleware that sets a header before, and changes one after. */
function appWithMiddleware(): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    context.header('x-before', 'kept')
    context.header('vary', 'Accept-Encoding')
    await next()
    context.res.headers.set('cache-control', 'private, no-cache')
    context.header('x-after', String(context.res.status))
  })
  return app
}

describe('Hono', () => {
  it('keeps headers that were set earlier, and lets middleware change the reply afterwards', async () => {
    const { files, put } = appFiles('/files', { cors: { origins: ['https://app.example'] } })
    await put('a.txt', 'text')
    const app = appWithMiddleware()
    app.route('/files', latchkey(files))
    const { url } = await files.signedUrl('a.txt')
    const reply = await send(await start(app), url)
    expect(reply.body.toString()).toBe('text')
    expect(reply.headers).toMatchObject({
      'x-before': 'kept',
      'x-after': '200',
      'cache-control': 'private, no-cache',
      'content-length': '4',
      vary: 'Accept-Encoding, Origin',
    })
  })

  it('refuses an upload before 100 Continue also where middleware changes the reply afterwards', async () => {
    const { files } = appFiles('/files')
    const app = appWithMiddleware()
    app.route('/files', latchkey(files))
    const connection = await RawConnection.open(await start(app))
    await connection.write(
      'PUT /files/a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    )
    const reply = await connection.reply('PUT')
    expect([reply.status, reply.headers['x-after'], reply.complete]).toEqual([403, '403', true])
    connection.destroy()
  })

  it('hands errors that it does not know to app.onError', async () => {
    const error = new Error('the disk is on fire')
    const { files, faults } = appFiles('/files', { storage: brokenStorage(error) })
    const seen: unknown[] = []
    const app = new Hono()
    app.route('/files', latchkey(files))
    app.onError((thrown, context) => {
      seen.push(thrown)
      return context.text('sorry', 500)
    })
    const reply = await app.request((await files.signedUrl('a.txt')).url)
    expect([reply.status, await reply.text()]).toEqual([500, 'sorry'])
    expect(seen).toEqual([error])
    expect(faults).toEqual([])
  })

  it.each([
    ['JSON', 'application/json', '{"a":1}', (request: HonoRequest) => request.json()],
    ['text', 'text/plain', 'text', (request: HonoRequest) => request.text()],
    ['bytes', 'image/png', 'bytes', (request: HonoRequest) => request.arrayBuffer()],
  ])(
    'says what to move where middleware has read the upload as %s before it',
    async (_name, type, body, read) => {
      const { files, driver, faults } = appFiles('/files')
      const app = new Hono()
      app.use(async (context, next) => {
        await read(context.req)
        await next()
      })
      app.route('/files', latchkey(files))
      const { url } = await files.signedUploadUrl('a.txt')
      const init = { method: 'PUT', headers: { 'content-type': type }, body }
      const overNode = await send(await start(app), url, init)
      const overWeb = await app.request(url, init)
      for (const text of [overNode.body.toString(), await overWeb.text()]) {
        expect(JSON.parse(text)).toMatchObject({
          status: 500,
          code: 'body_already_read',
          detail: expect.stringMatching(/mount latchkey before the body parser/i),
        })
      }
      expect(faults).toEqual([expect.any(LatchkeyError), expect.any(LatchkeyError)])
      expect(await driver.stat('a.txt')).toBeNull()
    },
  )

  it.each([
    [
      'a route in a route',
      '/api/v1/files',
      (routes: Hono) => new Hono().route('/api', new Hono().route('/v1/files', routes)),
    ],
    ['a base path', '/api/files', (routes: Hono) => new Hono().basePath('/api').route('/files', routes)],
    ['a path with a parameter', '/acme/files', (routes: Hono) => new Hono().route('/:tenant/files', routes)],
    ['the root', '', (routes: Hono) => new Hono().route('/', routes)],
  ])('works below %s', async (_name, mount, mountRoutes) => {
    const { files } = appFiles(mount === '' ? 'https://files.example' : mount)
    const app = mountRoutes(latchkey(files))
    const origin = await start(app)
    const target = (url: string): string => url.replace('https://files.example', '')
    const upload = await files.signedUploadUrl('folder/ä b.txt')
    expect((await send(origin, target(upload.url), { method: 'PUT', body: 'text' })).status).toBe(201)
    const { url } = await files.signedUrl('folder/ä b.txt')
    expect((await send(origin, target(url))).body.toString()).toBe('text')
    expect(await (await app.request(target(url))).text()).toBe('text')
  })

  it('leaves the rest of the app alone', async () => {
    const { files } = appFiles('/files')
    const app = new Hono()
    app.route('/files', latchkey(files))
    app.get('/filesystem', (context) => context.text('mine'))
    expect(await (await app.request('/filesystem')).text()).toBe('mine')
    expect((await app.request('/other')).status).toBe(404)
  })
})
