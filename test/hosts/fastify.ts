import { latchkey } from '@latchkey/fastify'
import type { Host } from '@latchkey/testkit'
import fastify from 'fastify'
import { originOf } from './listen.js'
import { EARLIER_HEADER, type RequestLog } from './request-log.js'

export const fastifyHost: Host = {
  name: 'fastify',
  async start(files, mount) {
    const log: RequestLog = []
    const app = fastify({ forceCloseConnections: true })
    app.addHook('onRequest', async (_request, reply) => {
      reply.header(EARLIER_HEADER, '1')
    })
    app.addHook('onResponse', async (request, reply) => {
      log.push(`${request.method} ${request.url} ${reply.statusCode}`)
    })
    app.setErrorHandler(async (error, _request, reply) => {
      const status = statusOf(error)
      return reply.code(status).send({ error: status < 500 ? 'bad request' : 'internal' })
    })
    await app.register(latchkey, { prefix: mount, files })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { origin: originOf(app.server), close: () => app.close() }
  },
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' ? status : 500
}
