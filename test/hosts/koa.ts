import { createServer } from 'node:http'
import { deferContinue } from '@latchkey/core/node'
import { latchkey } from '@latchkey/koa'
import type { Host } from '@latchkey/testkit'
import Koa from 'koa'
import mountAt from 'koa-mount'
import { listen } from './listen.js'
import { EARLIER_HEADER, type RequestLog } from './request-log.js'

export const koaHost: Host = {
  name: 'koa',
  start(files, mount) {
    const log: RequestLog = []
    const app = new Koa()
    app.silent = true
    app.use(async (ctx, next) => {
      ctx.set(EARLIER_HEADER, '1')
      await next()
      log.push(`${ctx.method} ${ctx.originalUrl} ${ctx.status}`)
    })
    app.use(mountAt(mount, latchkey(files)))
    return listen(deferContinue(createServer(app.callback())))
  },
}
