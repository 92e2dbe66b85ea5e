import type { IncomingMessage } from 'node:http'
import type { GateRequest } from '../contracts/gate.js'
import { neverContinue } from './defer-continue.js'
import { RequestBody } from './request-body.js'

/**
 * A Node request as the core wants it. `url` is the raw URL relative to the mount; no stream is converted or
 * wrapped in another one. `authorize` is the adapter's, bound to the framework's request; `address` is the client's as
 * the framework has it, by default the socket's.
 */
export function gateRequest(
  incoming: IncomingMessage,
  url: string,
  authorize?: GateRequest['authorize'],
  address: GateRequest['address'] = () => addressOf(incoming),
): GateRequest {
  return {
    method: incoming.method ?? 'GET',
    path: originForm(url),
    header: (name) => headerOf(incoming, name),
    address,
    body: hasBody(incoming) ? new RequestBody(incoming) : null,
    bodyAlreadyRead: incoming.readableDidRead,
    refuseBody: () => neverContinue(incoming),
    ...(authorize !== undefined && { authorize }),
  }
}

/**
 * The raw URL less as many segments as `mount` (a path or a route pattern, such as `/:tenant/files`) has. For
 * frameworks that leave the URL whole.
 */
export function belowMount(url: string, mount: string): string {
  const path = originForm(url)
  const queryStart = path.indexOf('?')
  const end = queryStart === -1 ? path.length : queryStart
  let index = 0
  for (const segment of mount.split('/')) {
    if (segment === '') continue
    index = path.indexOf('/', index + 1)
    // A slash of the query begins no segment.
    if (index === -1 || index > end) return `/${path.slice(end)}`
  }
  return path.slice(index)
}

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i

/** RFC 9112, section 3.2.2: a server must take the absolute form, too. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const path = url.replace(ABSOLUTE_FORM, '')
  return path.startsWith('/') ? path : `/${path}`
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  if (name === 'content-type' || name === 'authorization') {
    // Of two such fields Node keeps the first; a proxy or a scanner may have looked at the second. Requests
    // that a framework makes up for tests (Fastify's inject) lack this member.
    const distinct: NodeJS.Dict<string[]> | undefined = incoming.headersDistinct
    if (distinct !== undefined) return distinct[name]?.join(', ')
  }
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function addressOf(incoming: IncomingMessage): string | undefined {
  // Over HTTP/2 there is none when the stream is gone.
  const socket: { readonly remoteAddress?: string | undefined } | undefined = incoming.socket
  return socket?.remoteAddress
}

function hasBody(incoming: IncomingMessage): boolean {
  const { headers } = incoming
  if (headers['transfer-encoding'] !== undefined) return true
  if (headers['content-length'] !== undefined) return headers['content-length'] !== '0'
  return incoming.httpVersionMajor >= 2 && (incoming.method === 'PUT' || incoming.method === 'POST')
}
