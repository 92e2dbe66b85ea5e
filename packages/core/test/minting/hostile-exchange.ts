import { type Agent, request as httpRequest } from 'node:http'
import type { GateReply, GateRequest } from '../../src/index.js'
import type { HostileRequest } from './hostile.js'

/** What a client sees of an answer. */
export interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** A request as an adapter would hand it over. */
export function neutral({ method, path, headers, body }: HostileRequest, framed: boolean): GateRequest {
  const fields: Record<string, string> = { ...headers }
  if (body !== null && framed) fields['content-length'] = String(body.byteLength)
  return {
    method,
    path,
    header: (name) => fields[name],
    body:
      body === null
        ? null
        : (async function* () {
            yield body
          })(),
    bodyAlreadyRead: false,
  }
}

/** The whole body of a reply. */
export async function textOf({ body }: GateReply): Promise<string> {
  if (typeof body === 'string' || body === null) return body ?? ''
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  for await (const chunk of body) return Buffer.from(chunk).toString()
  return ''
}

/** Sends a request over HTTP. */
export function exchange(
  { method, path, headers, body }: HostileRequest,
  port: number,
  agent: Agent,
): Promise<Seen> {
  const length = { 'content-length': String(body?.byteLength ?? 0) }
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent }
    const sent = httpRequest(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers as Seen['headers'], text })
      })
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}
