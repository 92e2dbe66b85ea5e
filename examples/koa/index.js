import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createLatchkey } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { fsDriver } from '@latchkey/drivers/fs'
import { latchkey } from '@latchkey/koa'
import Koa from 'koa'
import mount from 'koa-mount'

const host = '127.0.0.1'
const port = Number(process.env.PORT ?? 3001)
const files = createLatchkey({
  baseUrl: `http://${host}:${port}/files`,
  // Without a secret that stays, every start voids the links made before.
  keys: [{ id: 'k1', secret: process.env.LATCHKEY_SECRET ?? randomBytes(32) }],
  storage: fsDriver({ root: process.env.DATA_DIR ?? fileURLToPath(new URL('data', import.meta.url)) }),
})

const app = new Koa()
app.use(mount('/files', latchkey(files)))

// So that a client that asks first is refused before it has sent its file.
const server = deferContinue(createServer(app.callback()))
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
