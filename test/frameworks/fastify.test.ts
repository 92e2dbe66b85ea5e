import { connect, type OutgoingHttpHeaders } from 'node:http2'
import { latchkey } from '@latchkey/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { appFiles, brokenStorage } from './app-files.js'

let app: FastifyInstance

function newApp(): FastifyInstance {
  app = fastify()
  return app
}

afterEach(() => app?.close())

describe('Fastify', () => {
  it('runs the hooks of the app, which may change the reply', async () => {
    const { files, put } = appFiles('/files')
    await put('a.txt', 'text')
    const seen: string[] = []
    newApp()
    app.addHook('onRequest', async (_request, reply) => {
      seen.push('onRequest')
      reply.header('x-before', 'kept').header('vary', 'Accept-Encoding')
    })
    app.addHook('preHandler', async () => {
      seen.push('preHandler')
    })
    app.addHook('onSend', async (_request, reply, payload) => {
      seen.push(`onSend ${reply.statusCode} ${reply.getHeader('content-type')}`)
      reply.header('cache-control', 'private, no-cache')
      return payload
    })
    app.addHook('onResponse', async () => {
      seen.push('onResponse')
    })
    await app.register(latchkey, { prefix: '/files', files })
    const reply = await app.inject((await files.signedUrl('a.txt')).url)
    expect([reply.statusCode, reply.body]).toEqual([200, 'text'])
    expect(reply.headers).toMatchObject({ 'x-before': 'kept', 'cache-control': 'private, no-cache' })
    expect(reply.headers.vary).toMatch(/^Accept-Encoding/)
    expect(seen).toEqual(['onRequest', 'preHandler', 'onSend 200 text/plain', 'onResponse'])
  })

  it('takes uploads that ask for 100 Continue over HTTP/2, and leaves the routes of the app alone', async () => {
    const { files, driver } = appFiles('/files')
    const plain = fastify({ http2: true })
    await plain.register(latchkey, { prefix: '/files', files })
    plain.post('/other', async (request) => request.body)
    const origin = await plain.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(origin)
    const exchange = (headers: OutgoingHttpHeaders, body: string) =>
      new Promise<{ status: unknown; text: string }>((resolve, reject) => {
        const stream = session.request({ expect: '100-continue', ...headers })
        let status: unknown
        let text = ''
        stream.on('continue', () => stream.end(body))
        stream.on('response', (answer) => {
          status = answer[':status']
        })
        stream.setEncoding('utf8')
        stream.on('data', (chunk) => {
          text += chunk
        })
        stream.on('end', () => resolve({ status, text }))
        stream.on('error', reject)
      })
    try {
      const { url } = await files.signedUploadUrl('a.txt')
      const put = { ':method': 'PUT', ':path': url, 'content-type': 'text/plain' }
      expect(await exchange(put, 'bytes')).toMatchObject({ status: 201 })
      expect((await driver.stat('a.txt'))?.size).toBe(5)
      const post = { ':method': 'POST', ':path': '/other', 'content-type': 'application/json' }
      expect(await exchange(post, '{"a":1}')).toEqual({ status: 200, text: '{"a":1}' })
    } finally {
      session.close()
      await plain.close()
    }
  })

  it('does not serve what a hook of the app has refused', async () => {
    const { files, driver } = appFiles('/files')
    newApp()
    app.addHook('preHandler', async (request, reply) => {
      if (request.headers['content-type'] === 'image/png') return reply.code(418).send('no')
    })
    await app.register(latchkey, { prefix: '/files', files })
    const { url } = await files.signedUploadUrl('a.png')
    const headers = { 'content-type': 'image/png' }
    expect((await app.inject({ method: 'PUT', url, headers, payload: 'bytes' })).statusCode).toBe(418)
    expect(await driver.stat('a.png')).toBeNull()
  })

  it('keeps the parsers of the app off uploads, and leaves them to the other routes', async () => {
    const { files, driver } = appFiles('/files')
    newApp()
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    app.post('/echo', async (request) => request.body)
    await app.register(latchkey, { prefix: '/files', files })
    for (const [key, type, payload] of [
      ['a.json', 'application/json', '{ "not": "JSON" '],
      ['a.csv', 'text/csv', 'a,b'],
      ['a.txt', 'text/plain', 'text'],
      ['a.form', 'multipart/form-data; boundary=x', '--x--'],
    ] as const) {
      const { url } = await files.signedUploadUrl(key)
      const reply = await app.inject({ method: 'PUT', url, headers: { 'content-type': type }, payload })
      expect([key, reply.statusCode, (await driver.stat(key))?.size]).toEqual([key, 201, payload.length])
    }
    const echo = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })
    expect(echo.json()).toEqual({ a: 1 })
  })

  it('takes uploads over the body limit of the app', async () => {
    const { files } = appFiles('/files')
    app = fastify({ bodyLimit: 10 })
    await app.register(latchkey, { prefix: '/files', files })
    const { url } = await files.signedUploadUrl('a.bin')
    expect((await app.inject({ method: 'PUT', url, payload: 'x'.repeat(1000) })).statusCode).toBe(201)
  })

  it('hands errors that it does not know to the error handler of the app', async () => {
    const error = new Error('the disk is on fire')
    const { files, faults } = appFiles('/files', { storage: brokenStorage(error) })
    const seen: unknown[] = []
    newApp()
    app.setErrorHandler(async (thrown, _request, reply) => {
      seen.push(thrown)
      return reply.code(500).send('sorry')
    })
    await app.register(latchkey, { prefix: '/files', files })
    const reply = await app.inject((await files.signedUrl('a.txt')).url)
    expect([reply.statusCode, reply.body]).toEqual([500, 'sorry'])
    expect(seen).toEqual([error])
    expect(faults).toEqual([])
  })

  it.each([
    ['a prefix in a prefix', '/api/v1/files', ['/api', '/v1', '/files']],
    ['a prefix with a parameter', '/acme/files', ['/:tenant/files']],
    ['a parameter in an outer prefix', '/t/a%20b/files', ['/t/:tenant', '/files']],
    ['no prefix', '', ['']],
  ])('works below %s', async (_name, mount, prefixes) => {
    const { files } = appFiles(mount === '' ? 'https://files.example' : mount)
    newApp()
    const nest = async (scope: FastifyInstance, [prefix = '', ...rest]: readonly string[]): Promise<void> => {
      if (rest.length === 0) await scope.register(latchkey, prefix === '' ? { files } : { prefix, files })
      else await scope.register(async (inner) => nest(inner, rest), { prefix })
    }
    await nest(app, prefixes)
    const target = (url: string): string => url.replace('https://files.example', '')
    const upload = await files.signedUploadUrl('folder/ä b.txt')
    const created = await app.inject({ method: 'PUT', url: target(upload.url), payload: 'text' })
    expect(created.statusCode).toBe(201)
    const { url } = await files.signedUrl('folder/ä b.txt')
    expect((await app.inject(target(url))).body).toBe('text')
    const part = await app.inject({ url: target(url), headers: { range: 'bytes=1-2' } })
    expect([part.statusCode, part.body]).toEqual([206, 'ex'])
  })

  it('leaves the rest of the app alone', async () => {
    const { files } = appFiles('/files')
    newApp()
    await app.register(latchkey, { prefix: '/files', files })
    app.get('/filesystem', async () => 'mine')
    expect((await app.inject('/filesystem')).body).toBe('mine')
    expect((await app.inject('/other')).statusCode).toBe(404)
  })

  it('can be mounted twice', async () => {
    const one = appFiles('/one')
    const other = appFiles('/other')
    await one.put('a.txt', 'one')
    await other.put('a.txt', 'other')
    newApp()
    await app.register(latchkey, { prefix: '/one', files: one.files })
    await app.register(latchkey, { prefix: '/other', files: other.files })
    const { url } = await one.files.signedUrl('a.txt')
    expect((await app.inject(url)).body).toBe('one')
    expect((await app.inject(url.replace('/one', '/other'))).statusCode).toBe(403)
  })
})
