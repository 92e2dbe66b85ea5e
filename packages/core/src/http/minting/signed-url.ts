import { decodeObjectKey, LatchkeyError } from '../../token/index.js'
import type { MintingCall, MintingPlan } from './call.js'
import { mintUrl } from './mint-url.js'
import { propertiesOf } from './properties.js'
import { readUrlIntent, URL_PROPERTIES } from './read-url-intent.js'

/** `POST /{key}/signed-url`: a URL for the object that the path names. */
export function planSignedUrl(keyPath: string, body: unknown, call: MintingCall): MintingPlan {
  const decoded = decodeObjectKey(keyPath)
  if (!decoded.ok) throw new LatchkeyError('invalid_key', 'the path in front of /signed-url is no key')
  const properties = propertiesOf(body, URL_PROPERTIES, 'The body')
  const intent = readUrlIntent(decoded.key, properties, '', call.settings)
  return {
    points: 1,
    async mint() {
      const { url, expiresAt } = await mintUrl(call, intent)
      return { url, expires_at: expiresAt.toISOString() }
    },
  }
}
