import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import fastifyMultipart from '@fastify/multipart'
import { gateRequest, writeReply } from '@latchkey/core/node'
import { FileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import busboy from 'busboy'
import express from 'express'
import Fastify from 'fastify'
import multer from 'multer'

const HOST = '127.0.0.1'

/**
 * @typedef {'put' | 'form' | 'tus'} Protocol
 * @typedef {object} Receiver
 * @property {Protocol} protocol
 * @property {(root: string, files: import('@latchkey/core').Latchkey) => import('node:net').Server | Promise<import('node:net').Server>} listen
 */

/**
 * Servers that store an upload whole, under a name of its own. None of them syncs to the disk.
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
    listen: (_, files) =>
      createServer(async (request, response) => {
        const target = (request.url ?? '/').slice('/files'.length)
        writeReply(await files.handle(gateRequest(request, target)), request, response)
      }).listen(0, HOST),
  },
  busboy: {
    protocol: 'form',
    listen: (root) =>
      createServer((request, response) => {
        const form = busboy({ headers: request.headers })
        form.on('file', async (_, file) => {
          const path = join(root, randomUUID())
          await pipeline(file, createWriteStream(`${path}.part`))
          await rename(`${path}.part`, path)
          response.writeHead(201).end()
        })
        request.pipe(form)
      }).listen(0, HOST),
  },
  multer: {
    protocol: 'form',
    listen: (root) =>
      express()
        .post('/*rest', multer({ dest: root }).single('file'), (_, response) => {
          response.sendStatus(201)
        })
        .listen(0, HOST),
  },
  '@fastify/multipart': {
    protocol: 'form',
    listen: async (root) => {
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
    listen: (root) => {
      const tus = new TusServer({ path: '/files', datastore: new FileStore({ directory: root }) })
      return createServer((request, response) => void tus.handle(request, response)).listen(0, HOST)
    },
  },
}
