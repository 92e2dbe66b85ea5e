import { createServer, get } from 'node:http'
import { createGzip, gunzipSync } from 'node:zlib'
import { type Bytes, LatchkeyError, type StorageDriver } from '@latchkey/core'
import { latchkey } from '@latchkey/express'
import { type RunningHost, send } from '@latchkey/testkit'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles, brokenStorage, madeUpStorage } from './app-files.js'

let running: RunningHost | undefined

async function start(app: Express): Promise<string> {
  running = await listen(createServer(app))
  return running.origin
}

afterEach(() => running?.close())

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Does to a reply what the `compression` package does. */
const compress: RequestHandler = (_request, response, next) => {
  const gzip = createGzip()
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  response.setHeader('vary', 'Accept-Encoding')
  response.write = ((chunk: Uint8Array) => {
    if (!response.headersSent) {
      response.removeHeader('content-length')
      response.setHeader('content-encoding', 'gzip')
      response.writeHead(response.statusCode)
    }
    return gzip.write(chunk)
  }) as typeof response.write
  response.end = ((chunk?: Uint8Array) => {
    if (chunk !== undefined && typeof chunk !== 'function') response.write(chunk)
    gzip.end()
    return response
  }) as typeof response.end
  gzip.on('data', (chunk: Buffer) => write(chunk))
  gzip.on('drain', () => response.emit('drain'))
  gzip.on('end', () => end())
  next()
}

describe('Express', () => {
  it('keeps headers that were set earlier, and extends Vary', async () => {
    const { files, put } = appFiles('/files', { cors: { origins: ['https://app.example'] } })
    await put('a.txt', 'text')
    const app = express()
    app.use((_request, response, next) => {
      response
        .set({ 'strict-transport-security': 'max-age=1', 'cache-control': 'public' })
        .vary('Accept-Encoding')
      next()
    })
    app.use('/files', latchkey(files))
    const { url } = await files.signedUrl('a.txt')
    const reply = await send(await start(app), url)
    expect(reply.headers).toMatchObject({
      'strict-transport-security': 'max-age=1',
      'cache-control': 'private, max-age=300',
      vary: 'Accept-Encoding, Origin',
    })
  })

  it('writes through what an earlier middleware has put around res.write and res.end', async () => {
    const { files, put } = appFiles('/files')
    const text = 'a text that repeats itself '.repeat(20_000)
    await put('a.txt', text)
    const app = express()
    app.use(compress)
    app.use('/files', latchkey(files))
    const { url } = await files.signedUrl('a.txt')
    const reply = await send(await start(app), url)
    expect(reply.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/plain' })
    expect(gunzipSync(reply.body).toString()).toBe(text)
  })

  it('hands errors that it does not know to the error handlers of the app', async () => {
    const error = new Error('the disk is on fire')
    const { files, faults } = appFiles('/files', { storage: brokenStorage(error) })
    const seen: unknown[] = []
    const answer: ErrorRequestHandler = (thrown, _request, response, _next) => {
      seen.push(thrown)
      response.status(500).send('sorry')
    }
    const app = express()
    app.use('/files', latchkey(files))
    app.use(answer)
    const { url } = await files.signedUrl('a.txt')
    const reply = await send(await start(app), url)
    expect([reply.status, reply.body.toString()]).toEqual([500, 'sorry'])
    expect(seen).toEqual([error])
    expect(faults).toEqual([])
  })

  it('tells the app of no error where the client has gone before its reply, and lets go of the object', async () => {
    const opened = gate()
    const gone = gate()
    let closed = 0
    const content: Bytes = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: Buffer.alloc(1000) }),
        return: async () => {
          closed++
          return { done: true, value: undefined }
        },
      }),
    }
    const made = madeUpStorage(
      () => 1e6,
      () => content,
    )
    const storage: StorageDriver = {
      ...made,
      async open(key) {
        opened.open()
        await gone.opened
        return made.open(key)
      },
    }
    const { files } = appFiles('/files', { storage })
    const seen: unknown[] = []
    const record: ErrorRequestHandler = (thrown, _request, _response, _next) => {
      seen.push(thrown)
    }
    const app = express()
    app.use((_request, response, next) => {
      response.once('close', () => setImmediate(gone.open))
      next()
    })
    app.use('/files', latchkey(files))
    app.use(record)
    const { url } = await files.signedUrl('a.txt')
    const { port } = new URL(await start(app))
    const outgoing = get({ port, path: url, agent: false }).on('error', () => {})
    await opened.opened
    outgoing.destroy()
    await vi.waitFor(() => expect(closed).toBe(1))
    expect(seen).toEqual([])
  })

  it.each([
    ['express.json()', express.json(), 'application/json', '{"a":1}'],
    ['express.raw()', express.raw({ type: '*/*' }), 'image/png', 'bytes'],
    ['express.text()', express.text(), 'text/plain', 'text'],
  ])('says what to move where %s has read the upload before it', async (_name, parser, type, body) => {
    const { files, driver, faults } = appFiles('/files')
    const app = express()
    app.use(parser)
    app.use('/files', latchkey(files))
    const { url } = await files.signedUploadUrl('a.txt')
    const reply = await send(await start(app), url, {
      method: 'PUT',
      headers: { 'content-type': type },
      body,
    })
    expect(reply.status).toBe(500)
    expect(JSON.parse(reply.body.toString())).toMatchObject({
      code: 'body_already_read',
      detail: expect.stringMatching(/mount latchkey before the body parser/i),
    })
    expect(faults).toEqual([expect.any(LatchkeyError)])
    expect(String(faults[0])).toMatch(/before the body parser/)
    expect(await driver.stat('a.txt')).toBeNull()
  })

  it('takes uploads that a parser before it has left alone', async () => {
    const { files } = appFiles('/files')
    const app = express()
    app.use(express.json())
    app.use('/files', latchkey(files))
    const { url } = await files.signedUploadUrl('a.bin')
    const reply = await send(await start(app), url, { method: 'PUT', body: 'bytes' })
    expect(reply.status).toBe(201)
  })

  it.each([
    ['a router in a router', '/api/v1/files', ['/api', '/v1', '/files']],
    ['a path with a parameter', '/acme/files', ['/:tenant/files']],
    ['a parameter in an outer router', '/t/a%20b/files', ['/t/:tenant', '/files']],
    ['the root', '', ['/']],
  ])('works below %s', async (_name, mount, paths) => {
    const { files } = appFiles(mount === '' ? 'https://files.example' : mount)
    const app = express()
    let outer: express.IRouter = app
    for (const path of paths.slice(0, -1)) {
      const inner = express.Router()
      outer.use(path, inner)
      outer = inner
    }
    outer.use(paths.at(-1) ?? '/', latchkey(files))
    const origin = await start(app)
    const target = (url: string): string => url.replace('https://files.example', '')
    const upload = await files.signedUploadUrl('folder/ä b.txt')
    expect((await send(origin, target(upload.url), { method: 'PUT', body: 'text' })).status).toBe(201)
    const { url } = await files.signedUrl('folder/ä b.txt')
    expect((await send(origin, target(url))).body.toString()).toBe('text')
  })

  it('leaves the rest of the app alone', async () => {
    const { files } = appFiles('/files')
    const app = express()
    app.use('/files', latchkey(files))
    app.get('/filesystem', (_request, response) => response.send('mine'))
    const origin = await start(app)
    expect((await send(origin, '/filesystem')).body.toString()).toBe('mine')
    expect((await send(origin, '/other')).status).toBe(404)
  })
})
