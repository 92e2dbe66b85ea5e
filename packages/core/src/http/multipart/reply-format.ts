import type { GateReply, GateRequest } from '../../contracts/gate.js'
import { NO_STORE } from '../cache-control.js'

/** An element of an S3 answer. */
type XmlContent = string | number | readonly XmlElement[]
/** A tag and what is in it. */
export type XmlElement = readonly [tag: string, content: XmlContent]

/** S3 clients get the XML that they know; whoever asks for JSON gets JSON. */
export function reply(
  request: GateRequest,
  status: number,
  json: Readonly<Record<string, unknown>>,
  xml: XmlElement,
  headers: Readonly<Record<string, string>> = {},
): GateReply {
  const wantsJson = request.header('accept')?.includes('application/json') ?? false
  const text = wantsJson ? JSON.stringify(json) : `<?xml version="1.0" encoding="UTF-8"?>\n${written(xml)}`
  return {
    status,
    headers: {
      'cache-control': NO_STORE,
      'content-type': wantsJson ? 'application/json' : 'application/xml',
      'content-length': String(Buffer.byteLength(text)),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      vary: 'Accept',
      ...headers,
    },
    body: text,
  }
}

function written([tag, content]: XmlElement): string {
  const inner = Array.isArray(content) ? content.map(written).join('') : escaped(String(content))
  return `<${tag}>${inner}</${tag}>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
