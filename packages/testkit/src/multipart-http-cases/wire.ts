import assert from 'node:assert/strict'
import type { UploadOptions } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { assertNothingLeft } from '../http-case.js'
import { request, uploadUrl } from '../http-cases/exchange.js'
import type { ClientFields, ClientReply, ClientRequestOptions } from '../http-client.js'

const WANTS_JSON: ClientFields = { accept: 'application/json' }

/** An upload in parts that a client has begun. */
export interface Begun {
  readonly key: string
  /** With its token, and without parameters. */
  readonly url: string
  readonly uploadId: string
}

/** A part as a client lists it. */
export interface Listed {
  readonly partNumber: number
  readonly etag: string
}

/** A case that needs a storage which takes uploads in parts, and checks conditions. */
export function partsCase(
  name: string,
  run: (context: HttpCaseContext) => Promise<void>,
  more: Omit<HttpCase, 'name' | 'run'> = {},
): HttpCase {
  return {
    name,
    ...more,
    needs: ['multipart', 'conditionalWrites', ...(more.needs ?? [])],
    run,
  }
}

/** Asks for an upload to begin. */
export function askToBegin(
  context: HttpCaseContext,
  url: string,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, `${url}&uploads`, { method: 'POST', headers: { ...WANTS_JSON, ...headers } })
}

/** Begins an upload with a URL of its own. */
export async function begin(
  context: HttpCaseContext,
  key: string,
  options: UploadOptions = {},
  headers: ClientFields = {},
): Promise<Begun> {
  const url = await uploadUrl(context, key, options)
  const reply = await askToBegin(context, url, headers)
  const { uploadId } = jsonOf(reply, 200)
  assert.ok(typeof uploadId === 'string')
  return { key, url, uploadId }
}

/** The JSON of a reply that has this status and that no cache may keep. */
export function jsonOf(reply: ClientReply, status: number): Readonly<Record<string, unknown>> {
  assert.equal(reply.status, status, reply.body.toString())
  assert.equal(reply.headers['content-type'], 'application/json')
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['x-content-type-options'], 'nosniff')
  return JSON.parse(reply.body.toString())
}

export function sendPart(
  context: HttpCaseContext,
  { url, uploadId }: Pick<Begun, 'url' | 'uploadId'>,
  partNumber: number | string,
  body: NonNullable<ClientRequestOptions['body']>,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, `${url}&uploadId=${uploadId}&partNumber=${partNumber}`, {
    method: 'PUT',
    headers,
    body,
  })
}

/** Sends a part that must be taken. */
export async function upload(
  context: HttpCaseContext,
  begun: Begun,
  partNumber: number,
  body: NonNullable<ClientRequestOptions['body']>,
): Promise<Listed> {
  const reply = await sendPart(context, begun, partNumber, body)
  assert.equal(reply.status, 200, reply.body.toString())
  assert.equal(reply.headers['cache-control'], 'no-store')
  const etag = reply.headers.etag ?? ''
  assert.match(etag, /^"[^"]+"$/)
  return { partNumber, etag }
}

/** Sends parts, all at once, and lists them in ascending order. */
export async function uploadAll(
  context: HttpCaseContext,
  begun: Begun,
  bodies: readonly (Uint8Array | string)[],
): Promise<Listed[]> {
  return Promise.all(bodies.map((body, at) => upload(context, begun, at + 1, body)))
}

export function complete(
  context: HttpCaseContext,
  { url, uploadId }: Pick<Begun, 'url' | 'uploadId'>,
  parts: unknown,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, `${url}&uploadId=${uploadId}`, {
    method: 'POST',
    headers: { ...WANTS_JSON, 'content-type': 'application/json', ...headers },
    body: typeof parts === 'string' ? parts : JSON.stringify({ parts }),
  })
}

export function list(
  context: HttpCaseContext,
  { url, uploadId }: Pick<Begun, 'url' | 'uploadId'>,
): Promise<ClientReply> {
  return request(context, `${url}&uploadId=${uploadId}`, { headers: WANTS_JSON })
}

export function abort(
  context: HttpCaseContext,
  { url, uploadId }: Pick<Begun, 'url' | 'uploadId'>,
): Promise<ClientReply> {
  return request(context, `${url}&uploadId=${uploadId}`, { method: 'DELETE' })
}

/** Number and size of the parts that are there. */
export async function listed(context: HttpCaseContext, begun: Begun): Promise<[number, number][]> {
  const { parts } = jsonOf(await list(context, begun), 200)
  assert.ok(Array.isArray(parts))
  return parts.map(({ partNumber, size }) => [partNumber, size])
}

/** Asserts that nothing is open or unfinished besides what an upload under way holds. */
export const assertClean = assertNothingLeft
