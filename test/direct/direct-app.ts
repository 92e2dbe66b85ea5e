import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createLatchkey, type Latchkey, type LatchkeyOptions } from '@latchkey/core'
import { memoryLedger } from '@latchkey/ledgers/memory'
import type { Host } from '@latchkey/testkit'
import { onTestFinished } from 'vitest'
import type { Engine } from '../engines/engine.js'
import { type S3Storage, type S3StorageOptions, s3Storage } from '../engines/s3-storage.js'

/** What is told of an upload that was announced. */
export interface Announced {
  readonly key: string
  readonly uploadId: string
  readonly complete: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly size: number
  readonly expires_at: string
  readonly uploadExpiresAt: string
  readonly partSize: number
}

/** An answer that was read. */
export interface Told {
  readonly status: number
  readonly code: string | undefined
  readonly detail: string | undefined
  readonly json: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** An app whose uploads go to the bucket. */
export interface DirectApp {
  readonly files: Latchkey
  readonly storage: S3Storage
  readonly origin: string
  announce(url: string, announcement: object): Promise<Told & { readonly announced: Announced }>
  /** Sends bytes to the store, as it was told to. */
  put(announced: Announced, body: string, headers?: Record<string, string>): Promise<number>
  send(method: string, url: string, body?: string): Promise<Told>
  read(key: string): Promise<string | null>
  /** What lies in the driver's own folder, but for results of completed uploads. */
  staged(): Promise<string[]>
}

/** Starts an app over an empty part of the engine's bucket. */
export async function directApp(
  engine: Engine,
  host: Host,
  options: Partial<LatchkeyOptions> = {},
  storageOptions: S3StorageOptions = {},
): Promise<DirectApp> {
  const storage = await s3Storage(engine, { getSignedUrl, ...storageOptions })
  onTestFinished(() => storage.close())
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'a secret that only this test knows' }],
    storage: storage.driver,
    ledger: memoryLedger(),
    uploads: 'direct',
    onError: () => {},
    ...options,
  })
  const app = await host.start(files, '/files')
  onTestFinished(() => app.close())
  const send = async (method: string, url: string, body?: string): Promise<Told> => {
    const reply = await fetch(new URL(url, app.origin), { method, body: body ?? null })
    const text = await reply.text()
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    const { code, detail } = json as { code?: string; detail?: string }
    return { status: reply.status, code, detail, json, headers: reply.headers }
  }
  return {
    files,
    storage,
    origin: app.origin,
    send,
    async announce(url, announcement) {
      const told = await send('POST', url, JSON.stringify(announcement))
      return { ...told, announced: told.json as unknown as Announced }
    },
    async put({ method, url, headers }, body, more = {}) {
      const reply = await fetch(url, { method, headers: { ...headers, ...more }, body })
      await reply.arrayBuffer()
      return reply.status
    },
    async read(key) {
      const object = await files.storage.open(key)
      if (object === null) return null
      const bytes = await object.read()
      const chunks: Uint8Array[] = []
      if (bytes instanceof Uint8Array) chunks.push(bytes)
      else for await (const chunk of bytes) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    },
    staged: async () => (await storage.names('.latchkey/')).filter((name) => !name.endsWith('/s/1')),
  }
}
