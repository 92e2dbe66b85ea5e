import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'

/** A reply as it came off the wire. */
export interface ClientReply {
  readonly status: number
  /** Names in lower case; the values of a repeated field are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Whether the body ended as its framing announced. */
  readonly complete: boolean
}

/** Header fields of a request; a list sends the field several times. */
export type ClientFields = Readonly<Record<string, string | readonly string[]>>

/** What `send` sends. */
export interface ClientRequestOptions {
  /** Default `GET`. */
  readonly method?: string
  readonly headers?: ClientFields
  /** Bytes and texts get a `Content-Length`, an iterable is sent chunked unless a length stands in `headers`. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
}

/**
 * Sends one request on a connection of its own. `target` goes onto the request line as it is: `fetch` would
 * normalise it. Resolves also where the server answers, and closes, before the body is sent.
 */
export async function send(
  origin: string,
  target: string,
  options: ClientRequestOptions = {},
): Promise<ClientReply> {
  const { hostname, port } = new URL(origin)
  const request = httpRequest({
    host: hostname,
    port,
    path: target,
    method: options.method ?? 'GET',
    headers: fieldsOf(options),
    agent: false,
  })
  const reply = replyTo(request)
  await Promise.all([writeBody(request, options.body), reply])
  return reply
}

function fieldsOf({ headers = {}, body }: ClientRequestOptions): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    fields[name] = typeof value === 'string' ? value : [...value]
  const length = body === undefined ? undefined : lengthOf(body)
  if (length !== undefined && fields['content-length'] === undefined)
    fields['content-length'] = String(length)
  return fields
}

function lengthOf(body: NonNullable<ClientRequestOptions['body']>): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.byteLength : undefined
}

async function writeBody(request: ClientRequest, body: ClientRequestOptions['body']): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    request.end(body)
    return
  }
  const gone = closed(request)
  for await (const chunk of body) {
    if (request.destroyed || request.closed) return
    if (!request.write(chunk)) await Promise.race([once(request, 'drain').catch(() => {}), gone])
  }
  if (!request.destroyed) request.end()
}

function closed(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    if (request.destroyed || request.closed) resolve()
    else request.once('close', () => resolve())
  })
}

function replyTo(request: ClientRequest): Promise<ClientReply> {
  return new Promise((resolve, reject) => {
    // Once the answer has come, the connection may well break under the rest of the request.
    request.on('error', reject)
    request.on('response', (response) => collect(response).then(resolve, reject))
    request.on('close', () => reject(new Error('the connection closed without an answer')))
  })
}

function collect(response: IncomingMessage): Promise<ClientReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', () => {})
    response.on('close', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: joinFields(response.rawHeaders),
        body: Buffer.concat(chunks),
        complete: response.complete,
      })
    })
  })
}

/** Names and values by turns, as Node gives them, to one value for each name. */
export function joinFields(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? ''
    const value = raw[at + 1] ?? ''
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return headers
}
