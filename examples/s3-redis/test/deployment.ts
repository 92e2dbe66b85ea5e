import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Engine } from '../../../test/engines/engine.js'
import { findNginx } from '../../../test/engines/programs.mjs'
import { s3Client } from '../../../test/engines/s3-client.js'
import { freePort } from '../../testing/free-port.js'
import { startProgram } from '../../testing/start-program.js'

const API_TOKEN = 'a-token-of-the-test'
const APP_LINE = /^(?<name>app-\d) {2}(?<origin>\S+) {2}pid (?<pid>\d+)$/gm

export const BUCKET = 'example'
export const START = fileURLToPath(new URL('../start.mjs', import.meta.url))

/** What the example has started. */
export interface Deployment {
  /** Of nginx. */
  readonly origin: string
  readonly s3: S3Client
  output(): string
  /** The process of a name that was started last. */
  app(name: string): { readonly origin: string; readonly pid: number }
  /** Asks for JSON with the API token. */
  ask(url: string, body: unknown): Promise<Response>
  uploadUrl(key: string): Promise<string>
  link(key: string, limits?: { readonly max_downloads?: number }): Promise<string>
  readonly headers: Readonly<Record<string, string>>
  /** Files and folders that it has made outside of the store. */
  leftovers(): Promise<string[]>
  stop(): Promise<void>
  remove(): Promise<void>
}

/** Starts the example over a store and a Redis, as its reader does. */
export async function deploy({ store, redis }: { store: Engine; redis: Engine }): Promise<Deployment> {
  const s3 = s3Client(store.url)
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-example-'))
  const nginx = findNginx()
  const env = {
    PORT: String(await freePort()),
    API_TOKEN,
    S3_ENDPOINT: store.url,
    S3_BUCKET: BUCKET,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testkey',
    AWS_SECRET_ACCESS_KEY: 'testsecret',
    AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
    REDIS_URL: redis.url,
    // Vite has one of its own.
    BASE_URL: '',
    TMPDIR: folder,
    PATH: `${'path' in nginx ? dirname(nginx.path) : ''}${delimiter}${process.env.PATH}`,
  }
  const program = await startProgram(START, env, /^Ready {2}(?<origin>\S+)/m)
  const origin = program.match.groups?.origin ?? ''
  const headers = { authorization: `Bearer ${API_TOKEN}` }
  const ask = (url: string, body: unknown) =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const mint = async (path: string, body: unknown): Promise<string> => {
    const reply = await (await ask(`${origin}/files/${path}`, body)).text()
    const { url }: { url: string } = JSON.parse(reply)
    return url
  }
  return {
    origin,
    s3,
    headers,
    ask,
    output: program.output,
    app(name) {
      const found = [...program.output().matchAll(APP_LINE)].findLast((line) => line.groups?.name === name)
      return { origin: found?.groups?.origin ?? '', pid: Number(found?.groups?.pid) }
    },
    uploadUrl: (key) => mint('signed-uploads', { key }),
    link: (key, limits = {}) => mint(`${encodeURIComponent(key)}/signed-url`, limits),
    leftovers: () => readdir(folder),
    stop: program.stop,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
