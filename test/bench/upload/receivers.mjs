import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const HOST = '127.0.0.1'

/**
 * @typedef {'put' | 'form' | 'tus'} Protocol
 * @typedef {object} Receiver
 * @property {Protocol} protocol
 * @property {(root: string) => import('node:net').Server | Promise<import('node:net').Server>} listen
 */

/**
 * Servers that store an upload whole, under a name of its own. None of them syncs to the disk. A process
 * loads what it stores by alone, or its memory would be of all of them.
 *
 * @type {Record<string, Receiver>}
 */
export const receivers = {
  'pipeline + rename': {
    protocol: 'put',
    listen: (root) =>
      createServer(async (request, response) => {
        const path = join(root, randomUUID())
        await pipeline(request, createWriteStream(`${path}.part`))
        await rename(`${path}.part`, path)
        response.writeHead(201).end()
      }).listen(0, HOST),
  },
  latchkey: {
    protocol: 'put',
    listen: async (root) => {
      const [{ gateRequest, writeReply }, { fsDriver }, { latchkeyOver }] = await Promise.all([
        import('@latchkey/core/node'),
        import('@latchkey/drivers/fs'),
        import('../latchkey.mjs'),
      ])
      const files = latchkeyOver(fsDriver({ root }))
      return createServer(async (request, response) => {
        const target = (request.url ?? '/').slice('/files'.length)
        writeReply(await files.handle(gateRequest(request, target)), request, response)
      }).listen(0, HOST)
    },
  },
  busboy: {
    protocol: 'form',
    listen: async (root) => {
      const { default: busboy } = await import('busboy')
      return createServer((request, response) => {
        const form = busboy({ headers: request.headers })
        form.on('file', async (_, file) => {
          const path = join(root, randomUUID())
          await pipeline(file, createWriteStream(`${path}.part`))
          await rename(`${path}.part`, path)
          response.writeHead(201).end()
        })
        request.pipe(form)
      }).listen(0, HOST)
    },
  },
  multer: {
    protocol: 'form',
    listen: async (root) => {
      const [{ default: express }, { default: multer }] = await Promise.all([
        import('express'),
        import('multer'),
      ])
      return express()
        .post('/*rest', multer({ dest: root }).single('file'), (_, response) => {
          response.sendStatus(201)
        })
        .listen(0, HOST)
    },
  },
  '@fastify/multipart': {
    protocol: 'form',
    listen: async (root) => {
      const [{ default: Fastify }, { default: fastifyMultipart }] = await Promise.all([
        import('fastify'),
        import('@fastify/multipart'),
      ])
      const app = Fastify()
      await app.register(fastifyMultipart, { limits: { fileSize: 2 ** 40 } })
      app.post('/*', async (request, reply) => {
        const data = await request.file()
        const path = join(root, randomUUID())
        if (data !== undefined) await pipeline(data.file, createWriteStream(`${path}.part`))
        await rename(`${path}.part`, path)
        return reply.code(201).send()
      })
      await app.listen({ port: 0, host: HOST })
      return app.server
    },
  },
  '@tus/server': {
    protocol: 'tus',
    listen: async (root) => {
      const [{ Server }, { FileStore }] = await Promise.all([
        import('@tus/server'),
        import('@tus/file-store'),
      ])
      const tus = new Server({ path: '/files', datastore: new FileStore({ directory: root }) })
      return createServer((request, response) => void tus.handle(request, response)).listen(0, HOST)
    },
  },
}
