import { createHash } from 'node:crypto'
import type { UploadOptions, UrlOptions } from '@latchkey/core/token'
import type { HttpCaseContext } from '../http-case.js'
import { type ClientFields, type ClientReply, type ClientRequestOptions, send } from '../http-client.js'

/** What of a URL goes onto the request line, character by character: `URL` would normalise it. */
export function targetOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]*/, '')
}

/** The token of a signed URL. */
export function tokenOf(url: string): string {
  return url.slice(url.indexOf('?token=') + '?token='.length)
}

/** Sends a request to a signed URL, or to a raw target beginning with a slash. */
export function request(
  context: HttpCaseContext,
  url: string,
  options: ClientRequestOptions = {},
): Promise<ClientReply> {
  return send(context.origin, targetOf(url), options)
}

export function get(context: HttpCaseContext, url: string, headers: ClientFields = {}): Promise<ClientReply> {
  return request(context, url, { headers })
}

export function head(
  context: HttpCaseContext,
  url: string,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, url, { method: 'HEAD', headers })
}

export function put(
  context: HttpCaseContext,
  url: string,
  body: NonNullable<ClientRequestOptions['body']>,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, url, { method: 'PUT', headers, body })
}

export function remove(
  context: HttpCaseContext,
  url: string,
  headers: ClientFields = {},
): Promise<ClientReply> {
  return request(context, url, { method: 'DELETE', headers })
}

/** A URL to read with. */
export async function readUrl(context: HttpCaseContext, key: string, options?: UrlOptions): Promise<string> {
  return (await context.files.signedUrl(key, options)).url
}

/** A URL to upload to. */
export async function uploadUrl(
  context: HttpCaseContext,
  key: string,
  options?: UploadOptions,
): Promise<string> {
  return (await context.files.signedUploadUrl(key, options)).url
}

/** A URL that removes. */
export function removeUrl(context: HttpCaseContext, key: string, options: UrlOptions = {}): Promise<string> {
  return readUrl(context, key, { operations: ['delete'], ...options })
}

/** The raw target of a path below the mount, which begins with a slash. */
export function below(context: HttpCaseContext, path: string): string {
  return `${context.mount}${path}`
}

/** The head of a request, as it is written to a socket. */
export function requestHead(method: string, target: string, fields: readonly string[]): string {
  return `${[`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...fields].join('\r\n')}\r\n\r\n`
}

/** Bytes that differ from place to place, so that a shifted or repeated chunk shows. */
export function patternBytes(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff
  return bytes
}

/** A body in chunks of unknown total length. */
export async function* chunksOf(bytes: Uint8Array, chunkSize = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkSize) yield bytes.subarray(at, at + chunkSize)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
