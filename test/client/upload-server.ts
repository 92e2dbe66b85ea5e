import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authorize, createLatchkey, type Latchkey, type LatchkeyOptions } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { latchkey } from '@latchkey/express'
import express, { type Request } from 'express'
import { listen } from '../hosts/listen.js'
import { bundleClient } from './bundle.js'
import { type Fault, type SeenRequest, watched } from './faults.js'

export const MB = 1024 * 1024
export const AUTHORIZATION = 'Bearer of-a-user'

/** How a test's server differs from the usual one. */
export interface UploadServerOptions extends Partial<LatchkeyOptions> {
  readonly authorizing?: Authorize<Request>
}

/** An app with Latchkey over a disk, a page with the client, and faults on demand. */
export interface UploadServer {
  readonly origin: string
  readonly endpoint: string
  readonly files: Latchkey
  /** Every request to the mount but preflights, in the order of their arrival. */
  readonly seen: SeenRequest[]
  /** May be added to while it runs. */
  readonly faults: Fault[]
  /** The statuses of the requests of a kind, in the order of their arrival. */
  statuses(kind: RegExp): number[]
  /** SHA-256 of an object. */
  digest(key: string): Promise<string>
  /** Every file on the disk, with what is under way. */
  onDisk(): Promise<string[]>
  /** Lets the next request come on a connection of its own: one that was used before, browsers repeat by themselves. */
  freshConnections(): void
  /** Puts the clock forward, milliseconds. */
  elapse(milliseconds: number): void
  close(): Promise<void>
}

const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<title>Upload</title>
<input type="file">
<script type="module">
  import { startUpload, upload } from '/index.js'
  import { presignUrl } from '/presign.js'
  globalThis.latchkey = { presignUrl, startUpload, upload }
</script>`

/** Starts a server; only who sends `AUTHORIZATION` may mint. */
export async function startUploadServer(options: UploadServerOptions = {}): Promise<UploadServer> {
  const { authorizing = ofUser, ...more } = options
  const root = await mkdtemp(join(tmpdir(), 'latchkey-client-'))
  const seen: SeenRequest[] = []
  const faults: Fault[] = []
  let elapsed = 0
  const storage = fsDriver({ root })
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'x'.repeat(32) }],
    storage,
    multipart: { partSize: MB },
    now: () => Date.now() + elapsed,
    onError: () => {},
    ...more,
  })
  const app = express()
  app.get('/', (_request, response) => {
    response.type('html').send(PAGE)
  })
  for (const entry of ['index', 'presign'] as const) {
    app.get(`/${entry}.js`, async (_request, response) => {
      response.type('js').send((await bundleClient(entry)).code)
    })
  }
  app.use('/files', watched(seen, faults), latchkey(files, { authorize: authorizing }))
  const server = createServer(app)
  const host = await listen(server)
  return {
    origin: host.origin,
    endpoint: `${host.origin}/files`,
    files,
    seen,
    faults,
    statuses: (kind) => seen.filter(({ what }) => kind.test(what)).map(({ status }) => status),
    async digest(key) {
      const object = await files.storage.open(key)
      if (object === null) throw new Error(`there is no ${key}`)
      const hash = createHash('sha256')
      const bytes = await object.read()
      if (bytes instanceof Uint8Array) hash.update(bytes)
      else for await (const chunk of bytes) hash.update(chunk)
      await object.close()
      return hash.digest('hex')
    },
    async onDisk() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true })
      // The time of the last sweep is nobody's upload.
      return entries.filter((entry) => entry.isFile() && entry.name !== 'swept').map((entry) => entry.name)
    },
    freshConnections() {
      faults.push((_what, _request, response) => {
        server.closeIdleConnections()
        response.set('connection', 'close')
        return false
      })
    },
    elapse(milliseconds) {
      elapsed += milliseconds
    },
    async close() {
      await host.close()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const ofUser: Authorize<Request> = (request, intent) => {
  if (request.headers.authorization !== AUTHORIZATION) return 'unauthorized'
  return intent.operation === 'put' ? { expiresIn: '1m', addRandomSuffix: false } : {}
}

/** SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
