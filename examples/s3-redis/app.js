import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { S3Client } from '@aws-sdk/client-s3'
import { createLatchkey, LatchkeyError } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { s3Driver } from '@latchkey/drivers/s3'
import { latchkey } from '@latchkey/express'
import { redisLedger } from '@latchkey/ledgers/redis'
import express from 'express'
import { createClient } from 'redis'

// One of several equal processes: all that they share is in the bucket and in Redis.
const { PORT = '3001', HOST = '127.0.0.1', APP_NAME = 'app', BASE_URL = '/files', S3_ENDPOINT } = process.env
const apiToken = required('API_TOKEN')

// Region and keys are those that every program of AWS reads: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
const s3 = new S3Client(S3_ENDPOINT ? { endpoint: S3_ENDPOINT, forcePathStyle: true } : {})

// While Redis is away a question is an error at once, rather than one that waits for its return.
const redis = createClient({ url: required('REDIS_URL'), disableOfflineQueue: true })
redis.on('error', (error) => console.error(`${APP_NAME}: Redis: ${error.message || error.code}`))
await redis.connect()

const files = createLatchkey({
  baseUrl: BASE_URL,
  keys: [{ id: 'k1', secret: required('LATCHKEY_SECRET') }], // the same in all processes
  storage: s3Driver({ client: s3, bucket: required('S3_BUCKET') }),
  ledger: redisLedger({ client: redis }),
})

const mount = latchkey(files, {
  authorize(request, intent) {
    if (!isSignedIn(request)) return 'unauthorized'
    if (intent.operation === 'put') return { expiresIn: '15m', maxSize: '5gb' }
    if (intent.operation === 'get') return { expiresIn: '1h', revocable: true }
    return 'forbidden'
  },
})

const app = express()
app.disable('x-powered-by')
app.set('trust proxy', 1) // `request.ip` is what nginx says, and nobody behind it
app.use((_request, response, next) => {
  response.set('X-App', APP_NAME) // to see who answers
  next()
})
app.get('/health', (request, response) => {
  response.json({ app: APP_NAME, pid: process.pid, yourAddress: request.ip })
})
app.use('/files', mount) // before any body parser

app.post('/revocations', express.json(), async (request, response) => {
  if (!isSignedIn(request)) {
    response.status(401).end()
    return
  }
  try {
    await files.revoke({ url: String(request.body?.url) })
    response.status(204).end()
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    const status = error.code === 'ledger_unavailable' ? 503 : 400
    response.status(status).json({ code: error.code, detail: error.message })
  }
})

const server = deferContinue(createServer(app))
server.requestTimeout = 0 // an upload may take longer than Node's five minutes; nginx ends those that stand still
// Longer than nginx keeps its connections: it must be the one that closes, or a request meets a closed one.
server.keepAliveTimeout = 75_000
server.headersTimeout = 80_000
server.listen(Number(PORT), HOST)

// What is under way is finished; whoever comes now is for the other process.
process.once('SIGTERM', () => {
  server.close(async () => {
    await redis.close()
    s3.destroy()
  })
  // A connection that has had its answer would stay open for the next request.
  setInterval(() => server.closeIdleConnections(), 100).unref()
})

/**
 * Here a real app looks who is asking, by its session or whatever it has.
 *
 * @param {import('express').Request} request
 */
function isSignedIn(request) {
  return timingSafeEqual(hash(request.get('authorization') ?? ''), hash(`Bearer ${apiToken}`))
}

/** @param {string} text */
function hash(text) {
  return createHash('sha256').update(text).digest()
}

/** @param {string} name */
function required(name) {
  const value = process.env[name]
  if (!value) throw new Error(`Set ${name}`)
  return value
}
