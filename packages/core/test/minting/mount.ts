import {
  createLatchkey,
  type GateReply,
  type GateRequest,
  type Latchkey,
  type LatchkeyOptions,
  type MintIntent,
  type StorageDriver,
} from '../../src/index.js'
import { createKeyRing, type Grant, type Operation, verify } from '../../src/token/index.js'

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const KEYS = [{ id: 'k1', secret: 's'.repeat(32) }]
const BASE_URL = 'https://app.example.com/files'

/** A storage that holds one byte under each of these keys. */
export function storageOf(...held: readonly string[]): StorageDriver {
  const stat = { size: 1, etag: '"v1"', lastModified: new Date(NOW) }
  return {
    capabilities: { ranges: true, conditionalWrites: true, metadata: true },
    stat: async (key) => (held.includes(key) ? stat : null),
    open: async () => null,
    write: async () => {
      throw new Error('nothing is stored here')
    },
    delete: async () => false,
  }
}

/** A Latchkey, what its hook was asked, and what its app was told of. */
export interface Mount {
  readonly files: Latchkey
  readonly asked: MintIntent[]
  readonly faults: unknown[]
}

/** A Latchkey over `a.txt` and `dir/b.txt` whose hook answers as told. */
export function mount(
  decide: (intent: MintIntent) => unknown,
  options: Partial<LatchkeyOptions> = {},
): Mount {
  const asked: MintIntent[] = []
  const faults: unknown[] = []
  const files = createLatchkey({
    baseUrl: BASE_URL,
    keys: KEYS,
    storage: storageOf('a.txt', 'dir/b.txt'),
    now: () => NOW,
    onError: (error) => faults.push(error),
    // Also what JavaScript may return.
    authorize: ((_request: GateRequest, intent: MintIntent) => {
      asked.push(intent)
      return decide(intent)
    }) as NonNullable<LatchkeyOptions['authorize']>,
    ...options,
  })
  return { files, asked, faults }
}

/** A POST with this body; what is no text or bytes is sent as JSON. */
export function post(path: string, body?: unknown, headers: Record<string, string> = {}): GateRequest {
  const bytes = bytesOf(body)
  const fields: Record<string, string> = {
    ...(bytes === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(bytes.byteLength) }),
    ...headers,
  }
  return {
    method: 'POST',
    path,
    header: (name) => fields[name],
    body: bytes === null ? null : chunks(bytes),
    bodyAlreadyRead: false,
  }
}

function bytesOf(body: unknown): Uint8Array | null {
  if (body === undefined) return null
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000)
}

/** A reply's status, header and parsed body. */
export interface Answer {
  readonly status: number
  readonly headers: GateReply['headers']
  // biome-ignore lint/suspicious/noExplicitAny: what JSON is parsed to, in tests
  readonly json: any
}

/** Sends a request and reads the JSON of its answer. */
export async function answerOf(files: Latchkey, request: GateRequest): Promise<Answer> {
  const { status, headers, body } = await files.handle(request)
  const parts: Uint8Array[] = []
  if (typeof body === 'string') parts.push(Buffer.from(body))
  else if (body instanceof Uint8Array) parts.push(body)
  else for await (const chunk of body ?? []) parts.push(chunk)
  const text = Buffer.concat(parts).toString()
  return { status, headers, json: text === '' ? undefined : JSON.parse(text) }
}

/** What the token of a URL allows for a key. */
export async function grantOf(url: string, key: string, operation: Operation): Promise<Grant | undefined> {
  const token = new URL(url).searchParams.get('token') ?? ''
  const keys = createKeyRing(KEYS)
  const result = await verify({
    keys,
    audience: BASE_URL,
    token,
    key,
    operation,
    now: NOW,
    enforces: ['confirm', 'downloads', 'pin'],
  })
  return result.ok ? result.grant : undefined
}

/** Seconds that a URL is valid for from now on. */
export function lifeOf(grant: Grant | undefined): number {
  return (grant?.expiresAt ?? 0) - NOW / 1000
}
