import assert from 'node:assert/strict'
import type { HttpCaseContext } from '../http-case.js'
import { patternBytes, request } from '../http-cases/exchange.js'
import type { ClientFields, ClientReply } from '../http-client.js'

export const BYTES = patternBytes(1000)
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const ME = { 'user-agent': 'browser/1' }
export const NAVIGATION = { ...ME, 'sec-fetch-mode': 'navigate', accept: 'text/html' }
export const PART = { ...ME, range: 'bytes=10-19' }

export function post(
  context: HttpCaseContext,
  url: string,
  headers: ClientFields = {},
  body = 'confirm=1',
): Promise<ClientReply> {
  return request(context, url, { method: 'POST', headers: { ...FORM, ...ME, ...headers }, body })
}

export function assertPage(reply: ClientReply, name: string): void {
  assert.equal(reply.status, 200)
  assert.match(reply.headers['content-type'] ?? '', /^text\/html/)
  assert.match(reply.headers['content-security-policy'] ?? '', /form-action 'self'; frame-ancestors 'none'/)
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['referrer-policy'], 'no-referrer')
  const text = reply.body.toString()
  assert.ok(text.includes(`<bdi>${name}</bdi>`), text)
  assert.match(text, /<form method="post"><button name="confirm" value="1">/)
  assert.doesNotMatch(text, /<script|action=/)
}
