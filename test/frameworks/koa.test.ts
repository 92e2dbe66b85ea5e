import { createServer } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import { LatchkeyError } from '@latchkey/core'
import { latchkey } from '@latchkey/koa'
import { type RunningHost, send } from '@latchkey/testkit'
import Koa from 'koa'
import mount from 'koa-mount'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles, brokenStorage } from './app-files.js'

let running: RunningHost | undefined

async function start(app: Koa): Promise<string> {
  running = await listen(createServer(app.callback()))
  return running.origin
}

afterEach(() => running?.close())

describe('Koa', () => {
  it('takes no URL that the parser of Koa respells', async () => {
    const { files, put } = appFiles('/files')
    await put('a/b', 'text')
    const origin = await start(new Koa().use(mount('/files', latchkey(files))))
    const [path, query] = (await files.signedUrl('a/b')).url.split('?')
    expect((await send(origin, `${path}?${query}`)).status).toBe(200)
    const respelled = await send(origin, `${path?.replace('a/b', 'a\\b')}?${query}&x#`)
    expect([respelled.status, JSON.parse(respelled.body.toString()).code]).toEqual([400, 'invalid_key'])
  })

  it('lets middleware before it see and change the reply', async () => {
    const { files, put } = appFiles('/files')
    await put('a.txt', 'text')
    const seen: unknown[] = []
    const app = new Koa()
    app.use(async (ctx, next) => {
      ctx.set('x-before', 'kept')
      ctx.vary('Accept-Encoding')
      await next()
      seen.push([ctx.status, ctx.type, ctx.length, ctx.response.get('etag') !== ''])
      ctx.set('cache-control', 'private, no-cache')
      if (ctx.status === 404) ctx.status = 410
    })
    app.use(mount('/files', latchkey(files)))
    const origin = await start(app)
    const reply = await send(origin, (await files.signedUrl('a.txt')).url)
    expect(reply.headers).toMatchObject({ 'x-before': 'kept', 'cache-control': 'private, no-cache' })
    expect(reply.headers.vary).toMatch(/^Accept-Encoding/)
    expect(reply.body.toString()).toBe('text')
    expect((await send(origin, (await files.signedUrl('absent')).url)).status).toBe(410)
    expect(seen[0]).toEqual([200, 'text/plain', 4, true])
  })

  it('lets middleware before it replace the body', async () => {
    const { files, put } = appFiles('/files')
    await put('a.txt', 'text '.repeat(50_000))
    const app = new Koa()
    app.use(async (ctx, next) => {
      await next()
      ctx.body = 'replaced'
    })
    app.use(mount('/files', latchkey(files)))
    const reply = await send(await start(app), (await files.signedUrl('a.txt')).url)
    expect([reply.body.toString(), reply.complete]).toEqual(['replaced', true])
  })

  it('throws errors that it does not know, so that the app hears of them', async () => {
    const error = new Error('the disk is on fire')
    const { files, faults } = appFiles('/files', { storage: brokenStorage(error) })
    const seen: unknown[] = []
    const app = new Koa()
    app.on('error', (thrown) => seen.push(thrown))
    app.use(mount('/files', latchkey(files)))
    const reply = await send(await start(app), (await files.signedUrl('a.txt')).url)
    expect([reply.status, reply.body.toString()]).toEqual([500, 'Internal Server Error'])
    expect(seen).toEqual([error])
    expect(faults).toEqual([])
  })

  it.each([
    ['application/json', '{"a":1}'],
    ['text/plain', 'text'],
  ])('says what to move where a body parser has read an upload of %s before it', async (type, body) => {
    const { files, driver, faults } = appFiles('/files')
    const app = new Koa()
    app.use(bodyParser({ enableTypes: ['json', 'text'], parsedMethods: ['PUT'] }))
    app.use(mount('/files', latchkey(files)))
    const { url } = await files.signedUploadUrl('a.txt')
    const reply = await send(await start(app), url, {
      method: 'PUT',
      headers: { 'content-type': type },
      body,
    })
    expect(JSON.parse(reply.body.toString())).toMatchObject({
      status: 500,
      code: 'body_already_read',
      detail: expect.stringMatching(/mount latchkey before the body parser/i),
    })
    expect(faults).toEqual([expect.any(LatchkeyError)])
    expect(await driver.stat('a.txt')).toBeNull()
  })

  it('works below mounts in mounts, and takes uploads there', async () => {
    const { files } = appFiles('/api/v1/files')
    const app = new Koa()
    app.use(mount('/api', mount('/v1', mount('/files', latchkey(files)))))
    const origin = await start(app)
    const upload = await files.signedUploadUrl('folder/ä b.txt')
    expect((await send(origin, upload.url, { method: 'PUT', body: 'text' })).status).toBe(201)
    expect((await send(origin, (await files.signedUrl('folder/ä b.txt')).url)).body.toString()).toBe('text')
  })

  it('works without a mount', async () => {
    const { files, put } = appFiles('https://files.example')
    await put('a.txt', 'text')
    const app = new Koa()
    app.use(latchkey(files))
    const { url } = await files.signedUrl('a.txt')
    expect((await send(await start(app), url.replace('https://files.example', ''))).body.toString()).toBe(
      'text',
    )
  })

  it('leaves the rest of the app alone', async () => {
    const { files } = appFiles('/files')
    const app = new Koa()
    app.use(mount('/files', latchkey(files)))
    app.use((ctx) => {
      ctx.body = 'mine'
    })
    expect((await send(await start(app), '/filesystem')).body.toString()).toBe('mine')
  })
})
