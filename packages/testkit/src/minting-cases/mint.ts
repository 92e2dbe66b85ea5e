import assert from 'node:assert/strict'
import type { Authorize, LatchkeyOptions } from '@latchkey/core'
import type { HttpCaseContext } from '../http-case.js'
import { below, request } from '../http-cases/exchange.js'
import { assertNotStored } from '../http-cases/expect.js'
import type { ClientFields, ClientReply } from '../http-client.js'

/** The hook of the cases: what a client may do follows from its bearer key. */
const authorize: Authorize = (gateRequest, intent) => {
  switch (gateRequest.header('authorization')) {
    case undefined:
      return 'unauthorized'
    case 'Bearer reader':
      return { expiresIn: '10m' }
    case 'Bearer owner':
      return { expiresIn: '10m', operations: ['get', 'head', 'delete'], maxSize: '1kb' }
    case 'Bearer photographer':
      return {
        key: `photos/${intent.key ?? 'unnamed.png'}`,
        allowedTypes: ['image/*'],
        addRandomSuffix: true,
      }
    case 'Bearer broken':
      throw new Error('the hook is broken: db.internal')
    case 'Bearer overdrawn':
      return { expiresIn: '30d' }
    default:
      return 'forbidden'
  }
}

/** Options of a mount that mints. Faults are not printed: some cases cause them. */
export const MINTING: Partial<LatchkeyOptions> = { authorize, onError: () => {} }

/** Whose keys the hook knows. */
export type Role = 'reader' | 'owner' | 'photographer' | 'broken' | 'overdrawn' | 'stranger'

/** The header of a client. */
export function as(role: Role): ClientFields {
  return { authorization: `Bearer ${role}` }
}

/** Posts JSON to a minting route, which is given as it goes onto the wire. */
export function mint(
  context: HttpCaseContext,
  route: string,
  body: unknown,
  headers: ClientFields = {},
): Promise<ClientReply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const fields = { 'content-type': 'application/json', ...headers }
  return request(context, below(context, route), { method: 'POST', headers: fields, body: text })
}

/** What was minted. */
export interface Minted {
  readonly key?: string
  readonly url: string
  readonly expires_at: string
  readonly method?: string
  readonly headers?: Record<string, string>
}

/** The body of a reply that says what was minted, and that no cache may keep. */
export function mintedBy(reply: ClientReply): Minted {
  const text = reply.body.toString()
  assert.equal(reply.status, 200, text)
  assert.equal(reply.headers['content-type'], 'application/json')
  assert.equal(reply.headers['x-content-type-options'], 'nosniff')
  assertNotStored(reply)
  return JSON.parse(text)
}
