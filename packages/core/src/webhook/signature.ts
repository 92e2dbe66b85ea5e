import { createHmac } from 'node:crypto'
import { LatchkeyError } from '../token/index.js'

const PREFIX = 'whsec_'
const MIN_BYTES = 24
const MAX_BYTES = 64

/**
 * The key of a Standard Webhooks secret: `whsec_` and the base64 of 24 to 64 bytes.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function webhookKey(secret: string): Buffer {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = Buffer.from(base64, 'base64')
  if (key.toString('base64') !== base64 || key.byteLength < MIN_BYTES || key.byteLength > MAX_BYTES) {
    throw new LatchkeyError(
      'invalid_option',
      `webhook secret must be whsec_ and the base64 of ${MIN_BYTES} to ${MAX_BYTES} bytes; make one with: node -p "'whsec_' + crypto.randomBytes(32).toString('base64')"`,
    )
  }
  return key
}

/** The `webhook-signature` of a message. */
export function webhookSignature(key: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
