import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLatchkey, type GateReply, type Latchkey, type LatchkeyOptions } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { expect, onTestFinished } from 'vitest'

export const SECRET = 'a secret for the tests of tables'
export const KEYS = [{ id: 'k1', secret: SECRET }]
/** Where the clock of the tests stands: on a whole second, a little after all that they store. */
export const NOW = Math.ceil(Date.now() / 1000) * 1000 + 60_000

/** A Latchkey over memory at `/files`, whose clock stands still, but for what is given. */
export function latchkeyWith(options: Partial<LatchkeyOptions> = {}): Latchkey {
  return createLatchkey({
    baseUrl: '/files',
    keys: KEYS,
    storage: memoryDriver(),
    now: () => NOW,
    ...options,
  })
}

/** A request to a Latchkey, without a server between. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly bodyAlreadyRead?: boolean
  /** Of the client. */
  readonly address?: string
}

/**
 * Sends a request to a URL below `/files`. A body comes with its length unless a header says otherwise; that of a
 * refusal is read.
 */
export async function send(
  files: Latchkey,
  method: string,
  url: string,
  { headers = {}, body, bodyAlreadyRead = false, address }: Sent = {},
): Promise<GateReply> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const length = bytes === undefined ? {} : { 'content-length': String(bytes.byteLength) }
  const all: Readonly<Record<string, string>> = { ...length, ...headers }
  const reply = await files.handle({
    method,
    path: url.slice(url.indexOf('/files') + '/files'.length),
    header: (name) => all[name],
    address: () => address,
    body: bytes === undefined ? null : oneChunk(bytes),
    bodyAlreadyRead,
  })
  return reply.status < 400 || reply.body === null ? reply : { ...reply, body: await textOf(reply) }
}

/** Posts JSON. */
export function post(files: Latchkey, url: string, body?: unknown): Promise<GateReply> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return send(files, 'POST', url, body === undefined ? {} : { headers, body: JSON.stringify(body) })
}

/** The JSON of a reply. */
export async function jsonOf<T = Record<string, unknown>>(reply: GateReply): Promise<T> {
  return JSON.parse(await textOf(reply)) as T
}

/** Uploads with a URL of its own. */
export async function upload(
  files: Latchkey,
  key: string,
  sent: Sent = { body: 'hello' },
  options: Parameters<Latchkey['signedUploadUrl']>[1] = {},
): Promise<GateReply> {
  return send(files, 'PUT', (await files.signedUploadUrl(key, options)).url, sent)
}

/** Reads with a URL of its own. */
export async function read(
  files: Latchkey,
  key: string,
  options: Parameters<Latchkey['signedUrl']>[1] = {},
  sent: Sent = {},
): Promise<GateReply> {
  return send(files, 'GET', (await files.signedUrl(key, options)).url, sent)
}

/** The `code` of a refusal. */
export function codeOf(reply: GateReply): unknown {
  expect(reply.headers['content-type']).toBe('application/problem+json')
  return (JSON.parse(String(reply.body)) as { code: unknown }).code
}

/** The body of a reply as text. */
export async function textOf({ body }: GateReply): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Asserts that each of these is refused as `invalid_option`, whether it throws or rejects. */
export async function expectInvalid(...attempts: (() => unknown)[]): Promise<void> {
  for (const attempt of attempts) {
    const outcome = (async () => attempt())()
    await expect(outcome, String(attempt)).rejects.toMatchObject({
      name: 'LatchkeyError',
      code: 'invalid_option',
    })
  }
}

/** An empty folder that is removed when the test is over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
