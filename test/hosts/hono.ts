import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { deferContinue } from '@latchkey/core/node'
import { type LatchkeyAppOptions, latchkey } from '@latchkey/hono'
import type { Host } from '@latchkey/testkit'
import { Hono } from 'hono'
import { listen } from './listen.js'
import { EARLIER_HEADER, type RequestLog } from './request-log.js'

/** Hono on Node, and what the adapter is given there. */
function hostOf(name: string, options: LatchkeyAppOptions): Host {
  return {
    name,
    start(files, mount) {
      const log: RequestLog = []
      const app = new Hono()
      app.use(async (context, next) => {
        context.header(EARLIER_HEADER, '1')
        await next()
        log.push(`${context.req.method} ${context.req.path} ${context.res.status}`)
      })
      app.route(mount, latchkey(files, options))
      app.onError((_error, context) => context.json({ error: 'internal' }, 500))
      // Without `createServer` among the options it makes a plain HTTP/1.1 server.
      const server = createAdaptorServer({ fetch: app.fetch }) as Server
      return listen(deferContinue(server))
    },
  }
}

export const honoHost = hostOf('hono', {})

/** As `honoHost`; no body goes past Hono's own response. */
export const honoWebStreamHost = hostOf('hono, Web streams', { nodeResponse: false })
