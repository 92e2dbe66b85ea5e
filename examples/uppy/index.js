import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLatchkey } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { fsDriver } from '@latchkey/drivers/fs'
import { latchkey } from '@latchkey/express'
import express from 'express'
import { rolldown } from 'rolldown'

const host = '127.0.0.1'
const port = Number(process.env.PORT ?? 3005)
const files = createLatchkey({
  baseUrl: `http://${host}:${port}/files`,
  // Without a secret that stays, every start voids the links made before.
  keys: [{ id: 'k1', secret: process.env.LATCHKEY_SECRET ?? randomBytes(32) }],
  storage: fsDriver({ root: process.env.DATA_DIR ?? here('data') }),
})

/** @type {import('@latchkey/core').Authorize<express.Request>} */
function authorize(_request, intent) {
  // A real app looks here who is asking, and answers 'unauthorized' or 'forbidden'.
  if (intent.operation === 'get') return { expiresIn: '10m', download: true }
  if (intent.operation !== 'put') return 'forbidden'
  const limits = { expiresIn: '10m', maxSize: '5gb' }
  // Uppy proposes a name, and stores the file where it is told to. An upload that goes on has its place.
  return intent.uploadId === undefined ? { ...limits, key: `inbox/${intent.key}` } : limits
}

const page = await rolldown({ input: here('public/page.js'), platform: 'browser' })
const { output } = await page.generate({ minify: true })
const require = createRequire(import.meta.url)

const app = express()
app.use('/files', latchkey(files, { authorize }))
app.use((_request, response, next) => {
  const policy = "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'"
  response.set({ 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' })
  next()
})
app.get('/page.js', (_request, response) => void response.type('js').send(output[0].code))
for (const name of ['core', 'dashboard']) {
  app.use(`/uppy-${name}`, express.static(dirname(require.resolve(`@uppy/${name}/css/style.min.css`))))
}
app.use(express.static(here('public')))

// So that a client that asks first is refused before it has sent its file.
const server = deferContinue(createServer(app))
await new Promise((listening) => server.listen(port, host, () => listening(undefined)))
console.log(`Open  http://${host}:${port}`)

/** @param {string} path */
function here(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}
