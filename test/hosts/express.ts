import { createServer } from 'node:http'
import { deferContinue } from '@latchkey/core/node'
import { latchkey } from '@latchkey/express'
import type { Host } from '@latchkey/testkit'
import express, { type ErrorRequestHandler } from 'express'
import { listen } from './listen.js'
import { EARLIER_HEADER, type RequestLog } from './request-log.js'

export const expressHost: Host = {
  name: 'express',
  start(files, mount) {
    const log: RequestLog = []
    const app = express()
    app.disable('x-powered-by')
    app.use((request, response, next) => {
      response.setHeader(EARLIER_HEADER, '1')
      response.on('finish', () => log.push(`${request.method} ${request.originalUrl} ${response.statusCode}`))
      next()
    })
    app.use(mount, latchkey(files))
    app.use(answerError)
    return listen(deferContinue(createServer(app)))
  },
}

/** As an app in production has it: the error goes to the log, the client learns nothing. */
const answerError: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next(new Error('too late to answer'))
  else response.status(500).json({ error: 'internal' })
}
