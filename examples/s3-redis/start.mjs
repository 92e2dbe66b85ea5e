import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { answers, freePorts, isRedis, nginx, radosgw, redisServer } from './programs.mjs'
import { Service } from './service.mjs'

const APP = fileURLToPath(new URL('app.js', import.meta.url))
const { env } = process
const folder = mkdtempSync(join(tmpdir(), 'latchkey-s3-redis-'))
/** In the order of their start. @type {Service[]} */
const services = []
let stopping = false
let askedAt = 0

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)

try {
  await start()
} catch (error) {
  if (!stopping) console.error(`Cannot start: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
  if (!stopping) await stop()
}

async function start() {
  const [storePort = 0, monitorPort = 0, redisPort = 0, ...appPorts] = await freePorts(5)
  const store = await openStore(storePort, monitorPort)
  const redisUrl = await openRedis(redisPort)
  const port = env.PORT ?? '8080'
  const apiToken = env.API_TOKEN || randomBytes(16).toString('base64url')
  const shared = {
    ...store,
    REDIS_URL: redisUrl,
    API_TOKEN: apiToken,
    // Without a secret that stays, every start voids the URLs made before.
    LATCHKEY_SECRET: env.LATCHKEY_SECRET || randomBytes(32).toString('base64url'),
    // What clients see. A path will do where all of them know the origin.
    BASE_URL: env.BASE_URL || `http://127.0.0.1:${port}/files`,
  }
  await Promise.all(appPorts.map((appPort, index) => startApp(`app-${index + 1}`, appPort, shared)))
  await run(nginx({ folder, port, apps: appPorts.map((appPort) => `127.0.0.1:${appPort}`) }))
  if (!stopping) console.log(introduction(`http://127.0.0.1:${port}`, apiToken))
}

/**
 * @param {string} name
 * @param {number} port
 * @param {Readonly<Record<string, string>>} shared
 */
function startApp(name, port, shared) {
  return run({
    name,
    path: process.execPath,
    args: [APP],
    env: { ...shared, PORT: String(port), HOST: '127.0.0.1', APP_NAME: name },
    stopSignal: 'SIGTERM',
    isReady: () => answers(`http://127.0.0.1:${port}/health`),
    onReady: (pid) => console.log(`${name}  http://127.0.0.1:${port}  pid ${pid}`),
  })
}

/**
 * @param {number} port
 * @param {number} monitorPort
 * @returns {Promise<Record<string, string>>} what the apps have to know of the store
 */
async function openStore(port, monitorPort) {
  const { S3_BUCKET, S3_ENDPOINT } = env
  if (S3_BUCKET) {
    const client = new S3Client(S3_ENDPOINT ? { endpoint: S3_ENDPOINT, forcePathStyle: true } : {})
    try {
      await client.send(new HeadBucketCommand({ Bucket: S3_BUCKET }))
    } catch (error) {
      const reason = error instanceof Error ? error.name : error
      throw new Error(
        `The bucket ${S3_BUCKET} cannot be used (${reason}); see S3_ENDPOINT, AWS_REGION and the keys`,
      )
    }
    return {}
  }
  await run(radosgw({ folder, port, monitorPort }))
  const store = {
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    S3_BUCKET: 'files',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testkey',
    AWS_SECRET_ACCESS_KEY: 'testsecret',
    // Ceph 16 does not know the checksum that the client would put behind a body.
    AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
  }
  Object.assign(env, store)
  const client = new S3Client({ endpoint: store.S3_ENDPOINT, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: store.S3_BUCKET }))
  console.log('S3: a store of its own, in memory; it is gone with this program')
  return store
}

/** @param {number} port */
async function openRedis(port) {
  const given = env.REDIS_URL
  if (!given) {
    await run(redisServer({ folder, port }))
    console.log('Redis: one of its own; it is gone with this program')
    return `redis://127.0.0.1:${port}`
  }
  if (!(await isRedis(given).catch(() => false))) throw new Error('There is no Redis at REDIS_URL')
  return given
}

/** @param {import('./service.mjs').Program} program */
async function run(program) {
  if (stopping) return
  const service = new Service(program)
  services.push(service)
  await service.start()
}

/** The last that was started ends first: nginx takes no more and finishes, then the apps do. */
async function stop() {
  if (stopping) {
    // Asked again: at once. Only, npm passes on a Ctrl+C that came here by itself.
    if (Date.now() - askedAt < 1000) return
    for (const service of services) service.kill()
    return
  }
  stopping = true
  askedAt = Date.now()
  for (const service of services.toReversed()) await service.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
}

/**
 * @param {string} origin
 * @param {string} apiToken
 */
function introduction(origin, apiToken) {
  const json = `-H 'Authorization: Bearer ${apiToken}' -H 'Content-Type: application/json'`
  const url = `node -pe 'JSON.parse(fs.readFileSync(0)).url'`
  return `
# Upload
PUT=$(curl -s ${json} -d '{"key":"hello.txt"}' ${origin}/files/signed-uploads | ${url})
curl -sSi -X PUT -H 'Content-Type: text/plain' --data 'Hello' "$PUT"

# A link, and one that is good for one download
LINK=$(curl -s ${json} -d '{}' ${origin}/files/hello.txt/signed-url | ${url})
ONCE=$(curl -s ${json} -d '{"max_downloads":1}' ${origin}/files/hello.txt/signed-url | ${url})
curl -sSi "$LINK"; curl -sSi "$ONCE"; curl -sSi "$ONCE"

# Revoke the link, through either process
curl -sSi ${json} -d "{\\"url\\":\\"$LINK\\"}" ${origin}/revocations; curl -sSi "$LINK"

Ready  ${origin}  (Ctrl+C ends everything)`
}
