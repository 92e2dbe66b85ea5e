import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createLatchkey } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { fsDriver } from '@latchkey/drivers/fs'
import { latchkey } from '@latchkey/express'
import { context, SpanKind, trace } from '@opentelemetry/api'
import express from 'express'
import { startSdk } from './sdk.js'
import { watchLatchkey } from './telemetry.js'

const stopSdk = startSdk()
watchLatchkey()

const host = '127.0.0.1'
const port = Number(process.env.PORT ?? 3005)
const files = createLatchkey({
  baseUrl: `http://${host}:${port}/files`,
  // Without a secret that stays, every start voids the links made before.
  keys: [{ id: 'k1', secret: process.env.LATCHKEY_SECRET ?? randomBytes(32) }],
  storage: fsDriver({ root: process.env.DATA_DIR ?? fileURLToPath(new URL('data', import.meta.url)) }),
})

const app = express()
// The span of the request, as @opentelemetry/instrumentation-http would make it. Its name has no path: tokens stand there.
app.use((request, response, next) => {
  const span = trace.getTracer('app').startSpan(`HTTP ${request.method}`, { kind: SpanKind.SERVER })
  response.once('close', () => {
    span.setAttribute('http.response.status_code', response.statusCode)
    span.end()
  })
  context.with(trace.setSpan(context.active(), span), next)
})
app.use('/files', latchkey(files))

// So that a client that asks first is refused before it has sent its file.
const server = deferContinue(createServer(app))
await new Promise((listening) => server.listen(port, host, () => listening(undefined)))

const upload = await files.signedUploadUrl('hello.txt', {
  expiresIn: '10m',
  maxSize: '1mb',
  allowOverwrite: true,
})
const download = await files.signedUrl('hello.txt', { expiresIn: '1h' })
console.log(`Upload to  ${upload.url}`)
console.log(`Try it     curl -X PUT -H 'Content-Type: text/plain' --data 'Hello' '${upload.url}'`)
console.log(`Download   ${download.url}`)

// What has not been sent yet is sent at the end.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
    stopSdk().finally(() => process.exit())
  })
}
