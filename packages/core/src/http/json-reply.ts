import type { GateReply } from '../contracts/gate.js'
import { NO_STORE } from './cache-control.js'

/** A 200 in JSON with URLs in it. They open what they name, so no cache keeps them. */
export function jsonReply(json: Readonly<Record<string, unknown>>): GateReply {
  const text = JSON.stringify(json)
  return {
    status: 200,
    headers: {
      'cache-control': NO_STORE,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'content-security-policy': "default-src 'none'; sandbox",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: text,
  }
}
