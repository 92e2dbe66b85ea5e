import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { Latchkey, LatchkeyOptions, RouteUrlOptions } from '@latchkey/core'
import { narrow } from '@latchkey/core/token'
import * as onExpress from '@latchkey/express'
import * as onFastify from '@latchkey/fastify'
import * as onHono from '@latchkey/hono'
import { memoryLedger } from '@latchkey/ledgers/memory'
import { type ClientReply, type ClientRequestOptions, type RunningHost, send } from '@latchkey/testkit'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { listen, originOf } from '../hosts/listen.js'
import { appFiles } from './app-files.js'
import { type GuardedApp, guardedApps, type Told } from './guarded-apps.js'

const NOW = Math.ceil(Date.now() / 1000) * 1000
const TARGET = '/api/v1/unsubscribe?user=7&list=a%2Fb'

interface Ready {
  readonly files: Latchkey
  readonly log: string[]
  readonly clock: { now: number }
  put(key: string, text: string): Promise<void>
  ask(target: string, options?: ClientRequestOptions): Promise<ClientReply>
  /** Another Latchkey with the same key, but for these options. */
  another(options: Partial<LatchkeyOptions>): Latchkey
}

let running: RunningHost | undefined

afterEach(() => running?.close())

async function start(app: GuardedApp, options: Partial<LatchkeyOptions> = {}): Promise<Ready> {
  const clock = { now: NOW }
  const given = { now: () => clock.now, ...options }
  const { files, put } = appFiles('/files', given)
  const log: string[] = []
  const host = await app.start(files, log)
  running = host
  return {
    files,
    log,
    clock,
    put,
    ask: (target, sent) => send(host.origin, target, sent),
    another: (others) => appFiles('/files', { ...given, ...others }).files,
  }
}

async function signedTarget(files: Latchkey, target = TARGET, options?: RouteUrlOptions): Promise<string> {
  return (await files.signUrl(target, options)).url
}

function tellingOf(reply: ClientReply): Told {
  expect(reply.status, reply.body.toString()).toBe(200)
  return JSON.parse(reply.body.toString())
}

/** Asserts a refusal before the route, and that no cache keeps it. */
async function expectRefused(
  ready: Ready,
  target: string,
  code = 'invalid_signature',
  sent: ClientRequestOptions = {},
) {
  ready.log.length = 0
  const reply = await ready.ask(target, sent)
  expect(reply.status, `${sent.method ?? 'GET'} ${target}`).toBe(403)
  expect(reply.headers['cache-control']).toBe('no-store')
  expect(reply.headers['x-before'], 'headers of the app stay').toBe('kept')
  expect(reply.headers.vary).toMatch(/^X-Before, /)
  if (sent.method === 'HEAD') expect(reply.body.byteLength).toBe(0)
  else expect(JSON.parse(reply.body.toString())).toMatchObject({ status: 403, code })
  await expect.poll(() => ready.log).toEqual(['before', 'after'])
  return reply
}

describe.each(guardedApps.map((app) => [app.name, app] as const))('signed routes: %s', (name, app) => {
  it('lets what was signed through, and tells the route', async () => {
    const ready = await start(app)
    const { url, expiresAt } = await ready.files.signUrl(TARGET, {
      expiresIn: '1h',
      subject: 'user 7',
      payload: 'ä\n',
    })
    expect(url.slice(0, TARGET.length + 7)).toBe(`${TARGET}&token=`)
    for (let turn = 0; turn < 2; turn++) {
      const { method, grant } = tellingOf(await ready.ask(url))
      expect(method).toBe('GET')
      expect(grant).toEqual({ subject: 'user 7', payload: 'ä\n', expiresAt: expiresAt.toISOString() })
    }
    const bare = tellingOf(await ready.ask(await signedTarget(ready.files, '/api/v1/a')))
    expect(Object.keys(bare.grant)).toEqual(['expiresAt'])
    await expect.poll(() => ready.log).toEqual(Array(3).fill(['before', 'route', 'after']).flat())
  })

  it.each([
    '/api/v1/',
    '/api/v1/a/',
    '/api/v1/a//b',
    '/api/v1/a%2Fb/%2f',
    '/api/v1/%61%C3%BC',
    "/api/v1/it's(1)!*;a=b,c:d@e",
    '/api/v1/a?x',
    '/api/v1/a?x=',
    '/api/v1/a?x=1&x=2&&y',
    '/api/v1/a?next=/b?token=1&tokens=2&mytoken=3&x[token]=4',
    '/api/v1/a?q=a+b%20c%27',
  ])('lets %s through as it is', async (target) => {
    const { files, ask } = await start(app)
    const url = await signedTarget(files, target)
    tellingOf(await ask(url))
    // A client that parses the URL sends the same.
    const parsed = new URL(url, 'http://host')
    expect(parsed.pathname + parsed.search).toBe(url)
  })

  it('refuses whatever differs by one byte', async () => {
    const ready = await start(app)
    const url = await signedTarget(ready.files)
    const token = url.slice(url.indexOf('token='))
    const [path = '', query = ''] = TARGET.split('?')
    for (const changed of [
      `/api/v1/unsubscribed?${query}&${token}`,
      `/api/v1/Unsubscribe?${query}&${token}`,
      `${path}/?${query}&${token}`,
      `/api/v1//unsubscribe?${query}&${token}`,
      `/api/v1/./unsubscribe?${query}&${token}`,
      `/api/v1/x/../unsubscribe?${query}&${token}`,
      `/api/v1/%75nsubscribe?${query}&${token}`,
      `${path}?user=8&list=a%2Fb&${token}`,
      `${path}?user=7&list=a%2fb&${token}`,
      `${path}?user=7&list=a/b&${token}`,
      `${path}?user=%37&list=a%2Fb&${token}`,
      `${path}?list=a%2Fb&user=7&${token}`,
      `${path}?user=7&${token}`,
      `${path}?${token}`,
      `${path}?${query}&&${token}`,
      `${path}?&${query}&${token}`,
      `${path}?${query}&utm=1&${token}`,
      `${path}?${query}&${token}&utm=1`,
      `${path}?${query}&${token}&`,
      `${path}?${query}&${token}=`,
      `${path}?${token}&${query}`,
      `${path}?${query}&${token}&${token}`,
      `${path}?${query}&token=x&${token}`,
      `${path}?${query}&token&${token}`,
      `${path}?${query}&%74oken=x&${token}`,
      `${path}?${query}&${token.replace('token', 'Token')}&token=`,
      `${path}?${query}&${token.slice(0, -1)}`,
      `${path}?${query}&${token}A`,
      `${path}?${query}&${token.replace('.', '%2E')}`,
      `${path}?${query}&token=`,
    ]) {
      expect(changed).not.toBe(url)
      await expectRefused(ready, changed)
    }
    for (const [target, sent] of [
      [`${path}?${query}`, {}],
      [path, {}],
      [`${path}?${query}&Token=x`, {}],
      [`${path}?${query};${token}`, {}],
    ] as const) {
      await expectRefused(ready, target, 'token_required', sent)
    }
    tellingOf(await ready.ask(url))
  })

  it('refuses every method but the signed one, HEAD for GET too', async () => {
    const ready = await start(app)
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']
    for (const method of methods) {
      const url = await signedTarget(ready.files, TARGET, { method })
      const reply = await ready.ask(url, { method })
      expect(reply.status, method).toBe(200)
      for (const other of methods) {
        if (other !== method) await expectRefused(ready, url, 'invalid_signature', { method: other })
      }
    }
  })

  it('takes the absolute form, which names a host, as the same target', async () => {
    const ready = await start(app)
    const url = await signedTarget(ready.files)
    tellingOf(await ready.ask(`http://app.example.com${url}`))
    await expectRefused(ready, `http://app.example.com${url.replace('user=7', 'user=8')}`)
  })

  it('refuses two slashes at the beginning and a fragment', async () => {
    const ready = await start(app)
    const url = await signedTarget(ready.files)
    for (const target of [
      `/${url}`,
      `//host${url}`,
      `${url}#x`,
      url.replace('?', '#?'),
      url.replace('&token', '#&token'),
    ]) {
      const reply = await ready.ask(target)
      // A router may know no such route at all.
      expect([400, 403, 404], target).toContain(reply.status)
    }
    expect(ready.log).not.toContain('route')
  })

  it('keeps the times of a token, and what its holder narrows', async () => {
    const ready = await start(app, { ledger: memoryLedger() })
    const url = await signedTarget(ready.files, TARGET, { notBefore: NOW + 5000, expiresIn: 60 })
    const brief = (await narrow(url, { expiresIn: 10, now: () => NOW })).url
    await expectRefused(ready, url, 'not_yet_valid')
    ready.clock.now = NOW + 5000
    tellingOf(await ready.ask(url))
    tellingOf(await ready.ask(brief))
    const once = (await narrow(url, { maxDownloads: 1, now: () => NOW })).url
    await expectRefused(ready, once)
    ready.clock.now = NOW + 10_000
    await expectRefused(ready, brief, 'expired')
    ready.clock.now = NOW + 60_000
    await expectRefused(ready, url, 'expired')
  })

  it('takes no token for a file, and a file is opened by none for a route', async () => {
    const ready = await start(app)
    await ready.put('unsubscribe', 'text')
    const fileTokens = await Promise.all([
      ready.files.signedUrl('unsubscribe'),
      ready.files.signedUrl('api/v1/unsubscribe'),
      ready.files.signedUploadUrl('unsubscribe'),
      ready.files.signedTreeUrl('', { wholeMount: true }),
    ])
    for (const { url } of fileTokens) {
      const token = /[?&]token=([^&]*)/.exec(url)?.[1] ?? url.split('/')[2]
      await expectRefused(ready, `/api/v1/unsubscribe?token=${token}`)
    }
    const [, token] = (await signedTarget(ready.files, '/files/unsubscribe')).split('?')
    for (const target of [`/files/unsubscribe?${token}`, `/files/${token?.slice(6)}/unsubscribe`]) {
      const reply = await ready.ask(target)
      expect(reply.status).toBe(403)
    }
    // Not even where the mount's audience could be that of routes.
    expect(() => ready.another({ audience: '/files#routes' })).toThrow(/audience/)
  })

  it('holds a token to the addresses that it is bound to', async () => {
    const ready = await start(app)
    const here = await signedTarget(ready.files, TARGET, { allowedAddresses: ['127.0.0.1'] })
    tellingOf(await ready.ask(here))
    const elsewhere = await signedTarget(ready.files, TARGET, { allowedAddresses: ['203.0.113.0/24'] })
    await expectRefused(ready, elsewhere, 'address_not_allowed')
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' }
    await expectRefused(ready, elsewhere, 'address_not_allowed', { headers })
  })

  it('is opened by no cookie', async () => {
    const ready = await start(app)
    const { url } = await ready.files.signUrl('/api/v1/a')
    const headers = { cookie: `latchkey=${url.split('token=')[1]}` }
    await expectRefused(ready, '/api/v1/a', 'token_required', { headers })
  })

  it('takes no token of another audience or key', async () => {
    const ready = await start(app)
    for (const other of [
      ready.another({ audience: '/other' }),
      ready.another({ audience: '/files#' }),
      ready.another({ keys: [{ id: 'k1', secret: 'another secret of thirty-two bytes' }] }),
      ready.another({ keys: [{ id: 'k2', secret: 'the secret of the framework tests' }] }),
    ]) {
      await expectRefused(ready, await signedTarget(other))
    }
  })

  it('answers a browser that navigates with a page, and tells the app why', async () => {
    const ready = await start(app)
    const events: unknown[] = []
    const listener = (event: unknown) => events.push(event)
    subscribe('latchkey:refused', listener)
    const url = await signedTarget(ready.files)
    const reply = await ready.ask(url.replace('user=7', 'user=8'), {
      headers: { 'sec-fetch-mode': 'navigate' },
    })
    await ready.ask('/api/v1/unsubscribe?user=7')
    unsubscribe('latchkey:refused', listener)
    expect(reply.status).toBe(403)
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(reply.headers['cache-control']).toBe('no-store')
    const times = { startedAt: expect.any(Date), durationMs: expect.any(Number) }
    const refused = { method: 'GET', path: '/api/v1/unsubscribe', status: 403, ...times }
    expect(events).toEqual([
      { ...refused, code: 'invalid_signature', reason: 'mac_mismatch' },
      { ...refused, code: 'token_required', reason: 'no_token' },
    ])
  })

  it('leaves the body to the parser behind it', async () => {
    const ready = await start(app)
    const url = await signedTarget(ready.files, '/api/v1/orders', { method: 'POST' })
    const sent = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'ä'.repeat(40_000) }),
    }
    expect(tellingOf(await ready.ask(url, sent)).body).toEqual(JSON.parse(sent.body))
    const waiting = { ...sent, headers: { ...sent.headers, expect: '100-continue' } }
    expect(tellingOf(await ready.ask(url, waiting)).body).toEqual(JSON.parse(sent.body))
  })

  it('refuses a request with a body so that the client hears of it', async () => {
    const ready = await start(app)
    const url = await signedTarget(ready.files, '/api/v1/orders', { method: 'POST' })
    const body = JSON.stringify('x'.repeat(900_000))
    const headers = { 'content-type': 'application/json' }
    for (let turn = 0; turn < 5; turn++) {
      await expectRefused(ready, url.replace('orders', 'others'), 'invalid_signature', {
        method: 'POST',
        headers,
        body,
      })
    }
    tellingOf(await ready.ask(url, { method: 'POST', headers, body: '{}' }))
  })

  // In Koa and Hono the grant is a variable of the context, which is not there without a guard.
  if (name !== 'koa' && name !== 'hono') {
    it('says so where a route without a guard asks for a grant', async () => {
      const { ask } = await start(app)
      expect((await ask('/unguarded')).status).toBe(500)
    })
  }
})

describe('signed routes where the app rewrites URLs', () => {
  it('Express: middleware that changes request.url', async () => {
    const { files } = appFiles('/files')
    const app = express()
    app.use((request, _response, next) => {
      request.url = request.url.replace('/old/', '/new/')
      next()
    })
    app.get('/new/a', onExpress.signed(files), (_request, response) => {
      response.end('passed')
    })
    running = await listen(createServer(app))
    expect((await send(running.origin, await signedTarget(files, '/old/a?b'))).body.toString()).toBe('passed')
    const other = (await signedTarget(files, '/new/a?b')).replace('/new/', '/old/')
    expect((await send(running.origin, other)).status).toBe(403)
  })

  it('Fastify: rewriteUrl', async () => {
    const { files } = appFiles('/files')
    const app = fastify({ rewriteUrl: ({ url = '/' }) => url.replace('/old/', '/new/') })
    app.get('/new/a', { preHandler: onFastify.signed(files) }, async () => 'passed')
    await app.listen({ port: 0, host: '127.0.0.1' })
    running = { origin: originOf(app.server), close: () => app.close() }
    expect((await send(running.origin, await signedTarget(files, '/old/a?b'))).body.toString()).toBe('passed')
    const other = (await signedTarget(files, '/new/a?b')).replace('/new/', '/old/')
    expect((await send(running.origin, other)).status).toBe(403)
  })
})

describe('signed routes in Hono without a Node server', () => {
  it('go by the URL of the Web request, base paths and all', async () => {
    const { files } = appFiles('https://app.example.com/files')
    const v1 = new Hono().get('/a', onHono.signed(files), (c) => c.text(`for ${c.var.latchkey.subject}`))
    const app = new Hono().basePath('/api').route('/v1', v1)
    const { url } = await files.signUrl('/api/v1/a?b=%2F', { subject: 'ada' })
    expect(url).toMatch(/^https:\/\/app\.example\.com\/api\/v1\/a\?b=%2F&token=/)
    expect(await (await app.request(url)).text()).toBe('for ada')
    for (const changed of [url.replace('%2F', '%2f'), url.replace('&token', '&c&token'), `${url}&c`]) {
      const reply = await app.request(changed)
      expect([reply.status, reply.headers.get('cache-control')]).toEqual([403, 'no-store'])
    }
    expect((await app.request(url, { method: 'HEAD' })).status).toBe(403)
    const bound = await files.signUrl('/api/v1/a', { allowedAddresses: ['203.0.113.7'] })
    expect((await app.request(bound.url)).status).toBe(403)
    const behind = new Hono().get(
      '/api/v1/a',
      onHono.signed(files, { address: (c) => c.req.header('x-real-ip') }),
      (c) => c.text('passed'),
    )
    for (const [address, status] of [
      ['203.0.113.7', 200],
      ['203.0.113.8', 403],
    ] as const) {
      expect((await behind.request(bound.url, { headers: { 'x-real-ip': address } })).status).toBe(status)
    }
  })
})
